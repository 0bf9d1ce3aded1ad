using LogPipeline.Worker.Configuration;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;
using LogPipeline.Workflows.Connecting;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Client;

namespace LogPipeline.Worker.Cli.Doctor;

/// <summary>Where batches go, as far as the way there needs it.</summary>
/// <param name="Connect">With the codec that the keys make.</param>
/// <param name="Codec">For what is read without a client's codec.</param>
/// <param name="TaskQueue">Whose workers write.</param>
sealed record TemporalTarget(TemporalClientConnectOptions Connect, PipelineCodec Codec, string TaskQueue)
{
    /// <exception cref="ConfigurationException">A variable, a file it names or temporal.toml is wrong.</exception>
    public static TemporalTarget Read(WorkerSettings settings) => settings.Read(variables =>
    {
        var environment = new EnvironmentReader(variables.GetValueOrDefault);
        var connect = TemporalSettings.Read(environment, variables);
        var keys = CodecVariables.ReadKeys(environment, File.ReadAllText);
        var gzipBytesMin = CodecVariables.ReadGzip(environment, PipelineCodec.DefaultGzipBytesMin);
        environment.ThrowIfWrong();
        connect!.DataConverter = PipelineCodec.Converter(keys, gzipBytesMin);
        // The checks report all that the core would log.
        connect.Runtime = TemporalSettings.CreateRuntime(NullLogger.Instance);
        return new TemporalTarget(connect, new PipelineCodec(keys, gzipBytesMin),
            environment.ReadText("LOG_TASK_QUEUE", PipelineDefaults.TaskQueue));
    });
}
