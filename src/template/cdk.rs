//! What the CDK writes beside the resources that it synthesises.
//! <https://docs.aws.amazon.com/cdk/v2/guide/assets.html>, "CloudFormation resource metadata for CDK assets"

use super::Resource;

/// What constructs of the CDK's library are called that it adds to an app by itself, as other constructs need them: a step of a
/// construct path begins so. Nobody can write into their roles.
const OWN: &[&str] = &[
    "@aws-cdk--aws-dynamodb.ReplicaProvider",
    "@aws-cdk--aws-eks.ClusterResourceProvider",
    "@aws-cdk--aws-eks.KubectlProvider",
    "AWS679f53fac002430cb0da5b7982bd2287",
    "BucketNotificationsHandler050a0587b7544547bf325f094a3db834",
    "Custom::AWSCDKCfnUtilsProviderCustomResourceProvider",
    "Custom::AWSCDKOpenIdConnectProviderCustomResourceProvider",
    "Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C",
    "Custom::CrossAccountZoneDelegationCustomResourceProvider",
    "Custom::CrossRegionExportReaderCustomResourceProvider",
    "Custom::CrossRegionExportWriterCustomResourceProvider",
    "Custom::ECRAutoDeleteImagesCustomResourceProvider",
    "Custom::S3AutoDeleteObjectsCustomResourceProvider",
    "Custom::VpcRestrictDefaultSGCustomResourceProvider",
    "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a",
    "framework-isComplete",
    "framework-onEvent",
    "framework-onTimeout",
    "waiter-state-machine",
];

/// The same for the roles of a pipeline that deploys CDK apps.
const OF_PIPELINES: &[&str] = &["/Assets/DockerRole/", "/Assets/FileRole/", "/UpdatePipeline/SelfMutation/"];

impl<'a> Resource<'a> {
    /// The path of the construct that it was synthesised from.
    #[must_use]
    pub fn construct_path(&self) -> Option<&'a str> {
        self.cdk("aws:cdk:path")
    }

    /// The same as who wrote the app calls it: that the resource of a construct is itself one named `Resource` says nothing.
    #[must_use]
    pub fn construct(&self) -> Option<&'a str> {
        let path = self.construct_path()?;
        Some(["/Resource", "/Default"].into_iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path))
    }

    /// True for what the CDK's library adds to an app by itself.
    #[must_use]
    pub fn is_cdks_own(&self) -> bool {
        self.construct_path().is_some_and(|path| {
            OF_PIPELINES.iter().any(|part| path.contains(part))
                || path.split('/').any(|step| OWN.iter().any(|own| step.starts_with(own)))
        })
    }

    /// The file beside the template whose content the CDK uploads and names in this property.
    #[must_use]
    pub fn asset(&self, property: &str) -> Option<&'a str> {
        self.cdk("aws:asset:path").filter(|_| self.cdk("aws:asset:property") == Some(property))
    }

    fn cdk(&self, key: &str) -> Option<&'a str> {
        self.attribute("Metadata")?.value.get(key)?.value.as_text()
    }
}
