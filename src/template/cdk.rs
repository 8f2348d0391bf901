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
    "AWSCDK.TriggerCustomResourceProvider",
    "AWSCDKCfnUtilsProviderCustomResourceProvider",
    "BucketNotificationsHandler050a0587b7544547bf325f094a3db834",
    "CertificateRequestorFunction",
    "Custom::AWSCDKOpenIdConnectProviderCustomResourceProvider",
    "Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C",
    "Custom::CrossAccountZoneDelegationCustomResourceProvider",
    "Custom::CrossRegionExportReaderCustomResourceProvider",
    "Custom::CrossRegionExportWriterCustomResourceProvider",
    "Custom::CrossRegionStringParameterReaderCustomResourceProvider",
    "Custom::DeleteExistingRecordSetCustomResourceProvider",
    "Custom::ECRAutoDeleteImagesCustomResourceProvider",
    "Custom::S3AutoDeleteObjectsCustomResourceProvider",
    "Custom::SyntheticsAutoDeleteUnderlyingResourcesCustomResourceProvider",
    "Custom::VpcRestrictDefaultSGCustomResourceProvider",
    "DrainECSHook",
    "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a",
    "SingletonLambda224e77f9a32e4b4dac32983477abba16",
    "SourceTableAttachedManagedPolicy-",
    "framework-isComplete",
    "framework-onEvent",
    "framework-onTimeout",
    "waiter-state-machine",
];

/// The same for the roles of a pipeline that deploys CDK apps, and the one that a function of the library makes clusters with.
const WITHIN: &[&str] =
    &["/Assets/DockerRole/", "/Assets/FileRole/", "/Resource/CreationRole/", "/UpdatePipeline/SelfMutation/"];

/// The path of a construct as who wrote the app calls it: that the resource of a construct is itself one named `Resource` says nothing.
#[must_use]
pub fn construct(path: &str) -> &str {
    ["/Resource", "/Default"].into_iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path)
}

impl<'a> Resource<'a> {
    /// The path of the construct that it was synthesised from.
    #[must_use]
    pub fn construct_path(&self) -> Option<&'a str> {
        self.cdk("aws:cdk:path")
    }

    /// The same as who wrote the app calls it: see [`construct`].
    #[must_use]
    pub fn construct(&self) -> Option<&'a str> {
        self.construct_path().map(construct)
    }

    /// True for what the CDK's library adds to an app by itself.
    #[must_use]
    pub fn is_cdks_own(&self) -> bool {
        match self.construct_path() {
            Some(path) => {
                WITHIN.iter().any(|part| path.contains(part))
                    || path.split('/').any(|step| OWN.iter().any(|own| step.starts_with(own)))
            }
            None => OWN.iter().any(|own| is_named_after(self.written_id, own)),
        }
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

/// Whether a logical id is of a construct that stands in its stack itself: where an app leaves out the paths, that is all there is to go
/// by. It is the path, less all signs, and a hash of it; words that others use as well are too short to tell.
fn is_named_after(id: &str, construct: &str) -> bool {
    let mut letters = construct.bytes().filter(u8::is_ascii_alphanumeric);
    let mut of = id.bytes();
    construct.len() > 30 && letters.all(|letter| of.next() == Some(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without paths the library's own constructs are known by the names that nobody else would give.
    #[test]
    fn own_constructs_without_paths() {
        let own = |id: &str| OWN.iter().any(|own| is_named_after(id, own));
        assert!(own("CustomS3AutoDeleteObjectsCustomResourceProviderRole3B1BD092"));
        assert!(own("LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aServiceRole9741ECFB"));
        assert!(!own("LogRetentionRole"));
        assert!(!own("CertificateRequestorFunctionServiceRole"));
        assert!(!own("frameworkonEventServiceRole7A2B"));
        assert!(!own(""));
    }
}
