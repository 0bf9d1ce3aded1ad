using LogPipeline.TestSupport;

namespace LogPipeline.TemporalConformance;

// One server for all classes of a collection; the two collections run side by side.
[CollectionDefinition(nameof(OnTemporal))]
public sealed class OnTemporal : ICollectionFixture<TemporalServer>;

[CollectionDefinition(nameof(OnTheEmbeddedServer))]
public sealed class OnTheEmbeddedServer : ICollectionFixture<EmbeddedServer>;
