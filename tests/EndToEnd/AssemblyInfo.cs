// Each test runs several servers; on two cores two such tests at once would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
