// Several classes load a real server, others watch tasks time out in seconds: side by side they would disturb each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
