using System.Globalization;
using System.Net;
using System.Net.Http;
using Google.Protobuf;
using Grpc.Health.V1;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Exceptions;
using Temporalio.Grpc;

namespace Temporalio.Client;

/// <summary>
/// A connection to Temporal, kept up by itself: calls that follow a lost connection open a new one. It needs no disposal.
/// </summary>
public sealed class TemporalConnection : ITemporalConnection
{
    readonly TimeProvider _time;
    readonly Func<double> _chance;
    readonly RetryPlan _retry;
    readonly GrpcChannel _channel;
    readonly PayloadSizeLimits _warnSizes;
    readonly ILogger _logger;
    readonly ClientMetrics _metrics;

    // One connect at a time.
    readonly SemaphoreSlim _connecting = new(1, 1);

    // Written under _connecting.
    volatile bool _connected;

    // Replaced as a whole by whoever sets a property; read by any call.
    readonly Lock _headersLock = new();
    volatile CallHeaders _headers;

    /// <param name="handler">In place of sockets, for tests; null: sockets.</param>
    internal TemporalConnection(
        TemporalConnectionOptions options, HttpMessageHandler? handler = null, TimeProvider? time = null, Func<double>? chance = null)
    {
        Options = options;
        _time = time ?? TimeProvider.System;
        _chance = chance ?? Random.Shared.NextDouble;
        var address = options.ToAddress();
        var tls = options.EffectiveTls();
        _metrics = new(options.Runtime ?? Runtime.TemporalRuntime.Default);
        _retry = options.RpcRetry?.ToPlan() ?? RetryPlan.Default;
        _warnSizes = (options.PayloadLimits ?? new()).ToLimits();
        _logger = (options as TemporalClientConnectOptions)?.LoggerFactory.CreateLogger<TemporalConnection>() ?? (ILogger)NullLogger.Instance;
        _headers = new(options.RpcMetadata, options.RpcBinaryMetadata, options.ApiKey);
        options.Identity ??= string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}@{Dns.GetHostName()}");
        _channel = new(
            handler ?? GrpcTransport.CreateHandler(tls, options.KeepAlive, address.Host),
            address,
            string.IsNullOrEmpty(tls?.Domain) ? null : tls.Domain,
            options.GrpcCompression is GrpcCompression.Gzip,
            GrpcLimits.Default,
            _time);
        WorkflowService = new WorkflowService.Core(this);
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> RpcMetadata
    {
        get => _headers.Text;
        set => Replace(headers => new(value, headers.Binary, headers.ApiKey));
    }

    public IReadOnlyCollection<KeyValuePair<string, byte[]>> RpcBinaryMetadata
    {
        get => _headers.Binary;
        set => Replace(headers => new(headers.Text, value, headers.ApiKey));
    }

    public string? ApiKey
    {
        get => _headers.ApiKey;
        set => Replace(headers => new(headers.Text, headers.Binary, value));
    }

    public WorkflowService WorkflowService { get; }

    public TemporalConnectionOptions Options { get; }

    public bool IsConnected => _connected;

    /// <summary>What the server said it can do when it was connected to; null before that, or when it did not say.</summary>
    internal GetSystemInfoResponse? SystemInfo { get; private set; }

    internal EagerStarts EagerStarts { get; } = new();

    /// <summary>Connects, and fails when that does not work at once.</summary>
    /// <exception cref="ArgumentException">The options cannot be used.</exception>
    /// <exception cref="InvalidOperationException">The server cannot be reached; the message says why.</exception>
    public static async Task<TemporalConnection> ConnectAsync(TemporalConnectionOptions options)
    {
        var connection = new TemporalConnection(options);
        await connection.ConnectAsync().ConfigureAwait(false);
        return connection;
    }

    /// <summary>Connects with the first call that needs it, and tries again with each further one until it works.</summary>
    /// <exception cref="ArgumentException">The options cannot be used.</exception>
    public static TemporalConnection CreateLazy(TemporalConnectionOptions options) => new(options);

    public async Task<bool> CheckHealthAsync(RpcService? service = null, RpcOptions? options = null)
    {
        var request = new HealthCheckRequest { Service = service?.FullName ?? Client.WorkflowService.Name };
        var response = await InvokeRpcAsync("grpc.health.v1.Health", "Check", request, HealthCheckResponse.Parser, options)
            .ConfigureAwait(false);
        return response.Status == HealthCheckResponse.Types.ServingStatus.Serving;
    }

    public Task ConnectAsync() => EnsureConnectedAsync(default);

    internal async Task<T> InvokeRpcAsync<T>(
        string service, string rpc, IMessage request, MessageParser<T> parser, RpcOptions? options)
        where T : IMessage<T>
    {
        var cancellationToken = options?.CancellationToken ?? default;
        if (!_connected) await EnsureConnectedAsync(cancellationToken).ConfigureAwait(false);
        if (_logger.IsEnabled(LogLevel.Warning) && _warnSizes.FindOversize(request) is { } large) ConnectionLog.LargePayload(_logger, large.Kind, rpc, large.Bytes, large.Limit);
        return await CallAsync(service, rpc, request, parser, options, cancellationToken).ConfigureAwait(false);
    }

    async Task EnsureConnectedAsync(CancellationToken cancellationToken)
    {
        if (_connected) return;
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_connected) return;
            SystemInfo = await CallAsync(
                    Client.WorkflowService.Name, "GetSystemInfo", new GetSystemInfoRequest(), GetSystemInfoResponse.Parser, null, cancellationToken)
                .ConfigureAwait(false);
            _connected = true;
        }
        // A server that is older than the call.
        catch (RpcException e) when (e.Code == RpcException.StatusCode.Unimplemented && e.RawStatus is null && !IsForeign(e))
        {
            _connected = true;
        }
        catch (RpcException e)
        {
            throw new InvalidOperationException($"Connection failed: {e.Message}", e);
        }
        finally
        {
            _connecting.Release();
        }
    }

    // An HTTP 404 of something that is no gRPC server maps to UNIMPLEMENTED too.
    static bool IsForeign(RpcException e) => e.Message.StartsWith("The server answered HTTP", StringComparison.Ordinal);

    async Task<T> CallAsync<T>(
        string service, string rpc, IMessage request, MessageParser<T> parser, RpcOptions? options, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        var kind = RpcKinds.Of(request);
        var timeout = options?.Timeout ?? RpcKinds.Timeout(kind);
        // A deadline that the caller set is an answer, not an accident.
        if (kind == RpcKind.UserLongPoll && options?.Timeout is not null) kind = RpcKind.Normal;
        var plan = kind == RpcKind.TaskLongPoll ? RetryPlan.TaskPoll : _retry;
        long? began = kind == RpcKind.Normal ? _time.GetTimestamp() : null;
        for (int failures = 1, throttles = 0; ; failures++)
        {
            var headers = _headers.For(request, options);
            var called = _time.GetTimestamp();
            var reply = await _channel.CallAsync(service, rpc, request, parser, headers, timeout, cancellationToken).ConfigureAwait(false);
            if (_metrics.Enabled) _metrics.Called(CallHeaders.NamespaceOf(request), rpc, kind != RpcKind.Normal, _time.GetElapsedTime(called), reply.Status.Code);
            if (reply.Status.IsOk) return reply.Message!;
            if (options?.Retry != true) throw reply.Status.ToException();
            began ??= _time.GetTimestamp();
            if (reply.Status.Code == RpcException.StatusCode.ResourceExhausted) throttles++;
            var wait = RetryDecision.After(reply.Status, kind, plan, failures, throttles, _time.GetElapsedTime(began.Value), _chance());
            if (wait is not { } delay) throw reply.Status.ToException();
            await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    void Replace(Func<CallHeaders, CallHeaders> change)
    {
        if (!_connected) throw new InvalidOperationException("Cannot set RPC metadata if client never connected");
        lock (_headersLock) _headers = change(_headers);
    }
}

static partial class ConnectionLog
{
    [LoggerMessage(5001, LogLevel.Warning,
        "[TMPRL1103] Attempted to upload {Kind} with size that exceeded the warning limit. {Rpc} holds {Bytes} bytes, the limit is {Limit}")]
    public static partial void LargePayload(ILogger logger, string kind, string rpc, long bytes, long limit);
}
