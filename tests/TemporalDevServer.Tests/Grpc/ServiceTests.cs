using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using TemporalDevServer.Engine;
using StatusCode = Temporalio.Exceptions.RpcException.StatusCode;

namespace TemporalDevServer.Tests.Grpc;

/// <summary>The services as the official package describes them, called by its client.</summary>
public sealed class ServiceTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    static readonly ServiceDescriptor[] Described =
    [
        .. Temporalio.Api.WorkflowService.V1.ServiceReflection.Descriptor.Services,
        .. Temporalio.Api.OperatorService.V1.ServiceReflection.Descriptor.Services,
    ];

    [Fact]
    public async Task EveryCallIsAnsweredOrUnimplementedByItsName()
    {
        var connection = (await ConnectAsync()).Connection;
        var unimplemented = 0;
        foreach (var method in Described.SelectMany(service => service.Methods))
        {
            object service = method.Service.Name == "WorkflowService"
                ? connection.WorkflowService
                : connection.OperatorService;
            var error = await ErrorOfAsync(service, method);
            if (Calls.Of(method.InputType.ClrType) is not null)
                error?.Code.ShouldNotBe(StatusCode.Unimplemented, method.Name);
            else
            {
                unimplemented++;
                error.ShouldNotBeNull(method.Name).Code.ShouldBe(StatusCode.Unimplemented, method.Name);
                error!.Message.ShouldBe($"{method.Name} is not implemented by this server.");
            }
        }
        unimplemented.ShouldBeGreaterThan(50);
    }

    [Fact]
    public async Task AServerReportsItsHealth() =>
        (await (await ConnectAsync()).Connection.CheckHealthAsync()).ShouldBeTrue();

    [Theory]
    [InlineData("temporal.api.workflowservice.v1.WorkflowService")]
    [InlineData("temporal.api.operatorservice.v1.OperatorService")]
    public async Task SoIsEachServicesHealth(string service)
    {
        using var http = new HttpClient
        {
            DefaultRequestVersion = new(2, 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var request = new global::Grpc.Health.V1.HealthCheckRequest { Service = service }.ToByteArray();
        // One message: it is not compressed, and so long.
        using var content = new ByteArrayContent([0, 0, 0, 0, (byte)request.Length, .. request]);
        content.Headers.ContentType = new("application/grpc");
        using var answer = await http.PostAsync(
            new Uri($"http://{server.Address}/grpc.health.v1.Health/Check"), content);
        global::Grpc.Health.V1.HealthCheckResponse.Parser.ParseFrom(
            (await answer.Content.ReadAsByteArrayAsync())[5..]).Status
            .ShouldBe(global::Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.Serving);
    }

    [Fact]
    public async Task ACallThatWaitsIsAnsweredBeforeItsDeadline()
    {
        var client = await ConnectAsync();
        var watch = Stopwatch.StartNew();
        var answer = await client.Connection.WorkflowService.PollWorkflowTaskQueueAsync(
            new PollWorkflowTaskQueueRequest
            {
                Namespace = "default",
                TaskQueue = new() { Name = "nobody-starts-here" },
            },
            new RpcOptions { Timeout = TimeSpan.FromSeconds(2.5) });
        answer.TaskToken.ShouldBeEmpty();
        watch.Elapsed.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2.5));
    }

    Task<TemporalClient> ConnectAsync() =>
        TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));

    // An empty request: nothing but its mistake can come back.
    static async Task<RpcException?> ErrorOfAsync(object service, MethodDescriptor method)
    {
        var call = service.GetType().GetMethod($"{method.Name}Async").ShouldNotBeNull(method.Name);
        try
        {
            await (Task)call.Invoke(service, [Activator.CreateInstance(method.InputType.ClrType), null])!;
            return null;
        }
        catch (RpcException e)
        {
            return e;
        }
    }
}
