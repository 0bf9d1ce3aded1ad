using System.Reflection;
using Google.Protobuf;
using LogPipeline.Tests.Codecs;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Destinations;
using LogPipeline.Worker.Destinations.Loki;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Ordering;
using LogPipeline.Worker.Web;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Temporalio.Api.Common.V1;
using Temporalio.Worker.Tuning;

namespace LogPipeline.Tests.Hosting;

/// <summary>What the worker was told is what its parts are made with.</summary>
public sealed class BuiltPartsTests : IDisposable
{
    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task TheWriterItsOrderAndItsLettersHaveTheOptions()
    {
        var (options, services) = Build(("LOG_ORDER_WAIT_MAX", "7s"), ("LOG_OPEN_FILES_MAX", "9"), ("LOG_RECEIPTS_MAX", "5000"),
            ("LOG_DEAD_LETTER_DIRECTORY", _directory.File("letters")));
        await using (services)
        {
            Order(services, options).ShouldBe((TimeSpan.FromSeconds(7), false));
            var writer = services.GetRequiredService<LogWriter>();
            Part<LogWriterOptions>(writer).ShouldBeSameAs(options.Files);
            PartOrNull<IBatchClaims>(writer).ShouldBeNull();
            services.GetRequiredService<DeadLetterBox>().List().ShouldBeEmpty();
            Directory.Exists(_directory.File("letters")).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task OneOfSeveralWorkersHasTheOptionsInItsClaims()
    {
        var (options, services) = Build(("LOG_WORKER_NAME", "one"), ("LOG_RECEIPTS_MAX", "5000"));
        await using (services)
        {
            Order(services, options).IsShared.ShouldBeTrue();
            var claims = Part<IBatchClaims>(services.GetRequiredService<LogWriter>()).ShouldBeOfType<SiblingClaims>();
            Part<LogWriterOptions>(claims).ShouldBeSameAs(options.Files);
        }
    }

    [Fact]
    public async Task OneOfSeveralMachinesHasTheOptionsInItsClaims()
    {
        var (options, services) = Build(("LOG_LEDGER_CONNECTION", "Host=127.0.0.1;Port=1;Username=u"), ("LOG_LEDGER_LEASE", "9s"),
            ("LOG_RECEIPT_RETENTION", "9d"), ("LOG_RECEIPTS_MAX", "5000"));
        await using (services)
        {
            Order(services, options).IsShared.ShouldBeTrue();
            var claims = Part<IBatchClaims>(services.GetRequiredService<LogWriter>()).ShouldBeOfType<PostgresClaims>();
            Part<PostgresClaimsOptions>(claims).ShouldBe(new PostgresClaimsOptions(options.Sharing.Connection!, options.Identity,
                TimeSpan.FromSeconds(9), TimeSpan.FromDays(9), 5000));
        }
    }

    [Fact]
    public async Task TheEndpointsHaveTheOptions()
    {
        var (options, services) = Build(("LOG_HTTP_PORT", "9"), ("LOG_HTTP_IP", "127.0.0.3"), ("LOG_CODEC_ORIGINS", "http://ui"),
            ("LOG_ENCRYPTION_KEYS", $"k:{SomeKeys.Old}"), ("LOG_GZIP_BYTES_MIN", "100"));
        await using (services)
        {
            Part<WebOptions>(services.GetRequiredService<WebServer>()).ShouldBeSameAs(options.Web);
            var codec = services.GetServices<IWebEndpoints>().OfType<CodecEndpoints>().Single();
            Part<CorsPolicy>(codec).Origins.ShouldBe(["http://ui"]);
            Encoding(codec, 10).ShouldBe("binary/encrypted");
        }
        var (_, plain) = Build(("LOG_GZIP_BYTES_MIN", "100"));
        await using (plain)
        {
            var codec = plain.GetServices<IWebEndpoints>().OfType<CodecEndpoints>().Single();
            Encoding(codec, 90).ShouldBe("");
            Encoding(codec, 100).ShouldBe("binary/gzip");
        }
    }

    [Fact]
    public async Task DeliveriesHaveTheOptions()
    {
        var (options, services) = Build(("LOG_LOKI_URL", "http://loki:3100"), ("LOG_LOKI_CONCURRENCY", "3"),
            ("LOG_LOKI_GIVE_UP_AFTER", "90s"), ("LOG_TASK_QUEUE", "queue"), ("LOG_SHUTDOWN_TIMEOUT", "2s"), ("LOG_WORKER_NAME", "one"));
        await using (services)
        {
            var told = services.GetRequiredService<DeliveryWorkers>().WorkerOptions(options.Loki!);
            told.TaskQueue.ShouldBe("queue-loki");
            told.Identity.ShouldStartWith("one/");
            told.GracefulShutdownTimeout.ShouldBe(TimeSpan.FromSeconds(2));
            told.Tuner!.ActivityTaskSlotSupplier.ShouldBeOfType<FixedSizeSlotSupplier>().SlotCount.ShouldBe(3);
            Part<LokiOptions>(services.GetRequiredService<ILogDestination<DeliveryReceipt>>()).ShouldBeSameAs(options.Loki);
            DeliveryWorkers.TargetsOf(options).ShouldHaveSingleItem().GiveUpAfterSeconds.ShouldBe(90);
        }
    }

    static string Encoding(object endpoint, int length)
    {
        var payload = new Payload { Data = ByteString.CopyFrom(new byte[length]) };
        return Part<PipelineCodec>(endpoint).Encode(payload).Metadata.GetValueOrDefault("encoding")?.ToStringUtf8() ?? "";
    }

    (LogWorkerOptions Options, ServiceProvider Services) Build(params (string Name, string Value)[] variables)
    {
        var (options, connection) = LogWorkerOptions.Read(variables
            .Append(("TEMPORAL_CONFIG_FILE", "/nowhere/temporal.toml")).Append(("LOG_DIRECTORY", _directory.File("logs")))
            .ToDictionary(one => one.Item1, one => one.Item2));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        Telemetry.AddTo(builder, options.Identity);
        var services = builder.Services;
        typeof(WorkerHost).GetMethod("AddServices", BindingFlags.NonPublic | BindingFlags.Static)!
            .Invoke(null, [services, options, connection]);
        return (options, services.BuildServiceProvider());
    }

    static (TimeSpan WaitMax, bool IsShared) Order(IServiceProvider services, LogWorkerOptions options)
    {
        var order = services.GetRequiredService<OrderKeeper>();
        Part<WaitRoom>(order).Max.ShouldBe(Math.Max(1, options.ConcurrentBatches / 2));
        return (Value<TimeSpan>(order), Value<bool>(order));
    }

    static T Value<T>(object holder) where T : struct => (T)holder.GetType()
        .GetFields(BindingFlags.NonPublic | BindingFlags.Instance).Single(field => field.FieldType == typeof(T)).GetValue(holder)!;

    static T Part<T>(object holder) where T : class => PartOrNull<T>(holder).ShouldNotBeNull($"{holder.GetType().Name} has none.");

    static T? PartOrNull<T>(object holder) where T : class
    {
        for (var type = holder.GetType(); type is not null; type = type.BaseType)
            foreach (var field in type.GetFields(BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                if (field.GetValue(holder) is T part) return part;
        return null;
    }
}
