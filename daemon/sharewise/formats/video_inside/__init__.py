"""What is inside MP4 and QuickTime videos."""
