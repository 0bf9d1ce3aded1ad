// A collection for each server. Most tests wait, so that more of them may run than there are cores.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
