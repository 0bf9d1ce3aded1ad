using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Connecting;
using Temporalio.Client;

namespace LogPipeline.Publisher;

/// <summary>The way to Temporal that options and environment variables name. It is connected on first use.</summary>
/// <param name="Starter">Starts batches there.</param>
/// <param name="Address">For people: host:port.</param>
sealed record SinkConnection(IBatchStarter Starter, string Address)
{
    /// <param name="get">Where variables come from; null: the process's environment.</param>
    /// <exception cref="LogPipeline.Workflows.Configuration.ConfigurationException">A variable or a file of Temporal's is wrong.</exception>
    public static SinkConnection Create(TemporalSinkOptions settled, Func<string, string?>? get)
    {
        var address = Options().TargetHost!;
        var connector = new ClientConnector(Options, ConnectAsync, Knock.AtAsync, TimeProvider.System);
        return new SinkConnection(new WorkflowStarter(connector, settled.TaskQueue, settled.Timeouts.Start), address);

        TemporalClientConnectOptions Options()
        {
            var options = TemporalSettings.Read(TemporalSettings.Variables(get), settled.Address, settled.Namespace);
            var keys = settled.Codec.EncryptionKeys ?? KeyRing.Empty;
            var codec = PipelineCodec.Converter(keys, (int)settled.Codec.GzipBytesMin);
            options.DataConverter = codec with { PayloadConverter = new PublisherJson.PayloadConverter() };
            return options;
        }
    }

    static async Task<ITemporalClient> ConnectAsync(TemporalClientConnectOptions options)
    {
        options.Runtime = SinkRuntime.Shared;
        return await TemporalClient.ConnectAsync(options).ConfigureAwait(false);
    }
}
