# Texts of the pages, in English. Keys are the same as in vi.ftl.
age = { $age } old
