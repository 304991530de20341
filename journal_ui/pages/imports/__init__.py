"""The page that imports an uploaded file, and the route that receives it."""
