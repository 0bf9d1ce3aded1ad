using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Connecting;
using Temporalio.Client;
using Temporalio.Converters;

namespace LogPipeline.Publisher;

/// <summary>The way to Temporal that options and environment variables name. It is connected on first use.</summary>
/// <param name="Starter">Starts batches there.</param>
/// <param name="Address">For people: host:port.</param>
/// <param name="Namespace">Temporal's.</param>
sealed record SinkConnection(IBatchStarter Starter, string Address, string Namespace)
{
    /// <summary>HTTP/2's preface and an empty SETTINGS frame. A server answers with settings of its own.</summary>
    static readonly byte[] Http2Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];

    /// <param name="get">Where variables come from; null: the process's environment.</param>
    /// <exception cref="LogPipeline.Workflows.Configuration.ConfigurationException">A variable or a file of Temporal's
    /// is wrong.</exception>
    public static SinkConnection Create(TemporalSinkOptions settled, Func<string, string?>? get)
    {
        var named = Options();
        var connector = new ClientConnector(Options, ConnectAsync, ProbeAsync, TimeProvider.System);
        return new SinkConnection(new WorkflowStarter(connector, settled.TaskQueue, settled.Timeouts.Start),
            named.TargetHost!, named.Namespace);

        TemporalClientConnectOptions Options()
        {
            var options = TemporalSettings.Read(TemporalSettings.Variables(get), settled.Address, settled.Namespace);
            var keys = settled.Codec.Keys;
            var codec = PipelineCodec.Converter(keys, (int)settled.Codec.GzipBytesMin);
            // Header, memo and summary of a batch as JSON.
            var json = new JsonSerializerOptions { TypeInfoResolver = PublisherJson.Default };
            options.DataConverter = codec with { PayloadConverter = new DefaultPayloadConverter(json) };
            options.Interceptors = [new TraceSender()];
            return options;
        }
    }

    static async Task<ITemporalClient> ConnectAsync(TemporalClientConnectOptions options)
    {
        options.Runtime = SinkRuntime.Shared;
        return await TemporalClient.ConnectAsync(options).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns when a server answers at Temporal's address, be it with a refusal. It can be cancelled: a connect of the
    /// package's cannot, and one for each trial of a long outage would pile up. The connect that follows says what is
    /// wrong with the answer.
    /// </summary>
    static async Task ProbeAsync(TemporalClientConnectOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var colon = options.TargetHost!.LastIndexOf(':');
            var host = options.TargetHost[..colon].Trim('[', ']');
            using var socket = new TcpClient();
            var port = ushort.Parse(options.TargetHost[(colon + 1)..], CultureInfo.InvariantCulture);
            await socket.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
            if (!TemporalSettings.UsesTls(options))
            {
                var stream = socket.GetStream();
                await stream.WriteAsync(Http2Preface, cancellationToken).ConfigureAwait(false);
                _ = await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false);
                return;
            }
            // Nothing is sent over this connection, so any certificate does.
            var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
            await using var closing = tls.ConfigureAwait(false);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = options.Tls?.Domain ?? host,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            // An answer as well.
        }
    }
}
