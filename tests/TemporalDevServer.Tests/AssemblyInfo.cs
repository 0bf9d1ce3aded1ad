// Several classes load a server: side by side they would disturb each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
