-- What a person sees who edits templates in Neovim with `portcullis lsp`: run by `run.sh`, in a folder of copies.
-- Where things must be is asked of `portcullis check`, which counts bytes and knows nothing of editors.

local program = os.getenv("PORTCULLIS")

local function fail(text)
  io.stderr:write("nvim: " .. text .. "\n")
  vim.cmd("cquit 1")
end

local function assert_that(yes, text)
  if not yes then
    fail(text)
    error(text)
  end
end

local function eventually(what, condition)
  assert_that(vim.wait(60000, condition, 20), "still not so after a minute: " .. what)
end

-- vim.lsp.start came with 0.8; Debian 12 has 0.7.
local client_id
local function attach(buffer)
  local config = { name = "portcullis", cmd = { program, "lsp" }, root_dir = vim.fn.getcwd() }
  if vim.lsp.start then
    client_id = vim.lsp.start(config, { bufnr = buffer })
  else
    client_id = client_id or vim.lsp.start_client(config)
    vim.lsp.buf_attach_client(buffer, client_id)
  end
  assert_that(client_id, "the server does not start")
end

local function code(diagnostic)
  return diagnostic.code or diagnostic.user_data.lsp.code
end

-- Where a diagnostic is, in bytes of the whole text.
local function span(buffer, diagnostic)
  local first = vim.api.nvim_buf_get_offset(buffer, diagnostic.lnum) + diagnostic.col
  local last = vim.api.nvim_buf_get_offset(buffer, diagnostic.end_lnum) + diagnostic.end_col
  return string.format("%s %d-%d", code(diagnostic), first, last)
end

local function shown(buffer)
  local all = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
    table.insert(all, span(buffer, diagnostic))
  end
  table.sort(all)
  return all
end

-- What the command line finds in the text of a buffer.
local function due(buffer, name)
  local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n") .. "\n"
  local command = { program, "check", "--format", "json", "-", "--stdin-filename", name }
  local report = vim.fn.json_decode(vim.fn.system(command, text))
  local all = {}
  for _, finding in ipairs(report.findings) do
    if type(finding.suppressed) ~= "table" then
      table.insert(all, string.format("%s %d-%d", finding.rule, finding.start.offset, finding["end"].offset))
    end
  end
  table.sort(all)
  return all
end

local function agree(buffer, name, least)
  local wanted = due(buffer, name)
  assert_that(#wanted >= least, name .. " has too little to find: " .. vim.inspect(wanted))
  local now
  local same = vim.wait(60000, function()
    now = shown(buffer)
    return vim.deep_equal(now, wanted)
  end, 20)
  assert_that(same, name .. ": the editor shows " .. vim.inspect(now) .. " instead of " .. vim.inspect(wanted))
  print(string.format("nvim: %s: %d diagnostics, each at its bytes", name, #wanted))
end

local function find(buffer, rule)
  for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
    if code(diagnostic) == rule then
      return diagnostic
    end
  end
end

-- The preferred quick fix of a rule's finding, as `:lua vim.lsp.buf.code_action()` would offer it.
local function mend(buffer, rule)
  local diagnostic = find(buffer, rule)
  assert_that(diagnostic, "no " .. rule)
  local client = vim.lsp.get_client_by_id(client_id)
  local first = { diagnostic.lnum + 1, diagnostic.col }
  local last = { diagnostic.end_lnum + 1, diagnostic.end_col }
  local params = vim.lsp.util.make_given_range_params(first, last, buffer, client.offset_encoding)
  params.context = { diagnostics = {} }
  local answers = vim.lsp.buf_request_sync(buffer, "textDocument/codeAction", params, 60000)
  for _, action in ipairs(answers[client_id].result) do
    if action.isPreferred then
      vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
      eventually(rule .. " is gone", function() return not find(buffer, rule) end)
      print("nvim: " .. rule .. ": " .. action.title .. ", and it is gone")
      return
    end
  end
  fail("no preferred fix for " .. rule .. " in " .. vim.inspect(answers))
end

local function open(name)
  vim.cmd("edit " .. name)
  local buffer = vim.api.nvim_get_current_buf()
  attach(buffer)
  return buffer
end

local ok, why = pcall(function()
  local demo = open("template.yaml")
  agree(demo, "template.yaml", 5)
  mend(demo, "sqs-queue-unencrypted")
  agree(demo, "template.yaml", 5)

  local wide = open("wide.yaml")
  agree(wide, "wide.yaml", 2)
  -- Typing before a finding moves it: changes are sent as changes, in the editor's own units.
  vim.api.nvim_buf_set_text(wide, 2, 4, 2, 4, { "東🦀" })
  agree(wide, "wide.yaml", 2)
  vim.api.nvim_buf_set_lines(wide, 0, 1, false, { "# 🧾", "# 倉庫" })
  agree(wide, "wide.yaml", 2)
  mend(wide, "sqs-queue-unencrypted")
  agree(wide, "wide.yaml", 1)
  vim.cmd("silent! undo")
  agree(wide, "wide.yaml", 2)
end)
if not ok then
  fail(tostring(why))
end
print("nvim: all is as it should be")
vim.cmd("qall!")
