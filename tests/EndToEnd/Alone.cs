namespace LogPipeline.EndToEnd;

/// <summary>Tests that measure times of a second: they run after the others, one at a time.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
