# Các văn bản trên trang, tiếng Việt. Khóa giống en.ftl.
age = cũ { $age }
