using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using LogPipeline.Worker.Claims;
using Npgsql;

namespace LogPipeline.Tests.Sharing;

/// <summary>What a server that is not ours learns of the password.</summary>
public sealed class PostgresSecretsTests
{
    const string Password = "hunter2-of-the-ledger";
    const int TlsRequest = 80877103;
    const int GssRequest = 80877104;

    [Theory]
    [InlineData(3, "")]
    [InlineData(5, "")]
    [InlineData(3, ";SSL Mode=Prefer")]
    [InlineData(3, ";SSL Mode=Disable")]
    public async Task AServerThatAsksForThePasswordAsItIsDoesNotGetIt(int asked, string more)
    {
        var (received, error) = await ConnectAsync(asked, more);
        received.ShouldNotContain(Password);
        received.ShouldContain("logs");
        error.ShouldNotContain(Password);
        error.ShouldContain("RequireAuth", Case.Insensitive);
    }

    [Fact]
    public async Task OneThatIsToldSoByTheConnectionStringGetsIt() =>
        (await ConnectAsync(3, ";Require Auth=Password")).Received.ShouldContain(Password);

    [Theory]
    [InlineData("Host=db", SslMode.Require)]
    [InlineData("Host=db.example.com", SslMode.Require)]
    [InlineData("Host=10.0.0.1", SslMode.Require)]
    [InlineData("Host=localhost,db", SslMode.Require)]
    [InlineData("Host=localhost.example.com", SslMode.Require)]
    [InlineData("Host=127.0.0.1.example.com", SslMode.Require)]
    [InlineData("Host=localhost", SslMode.Prefer)]
    [InlineData("Host=127.0.0.1", SslMode.Prefer)]
    [InlineData("Host=::1", SslMode.Prefer)]
    [InlineData("Host=localhost:5433,127.0.0.2", SslMode.Prefer)]
    [InlineData("Host=/var/run/postgresql", SslMode.Prefer)]
    [InlineData("Host=db;SSL Mode=Disable", SslMode.Disable)]
    [InlineData("Host=db;SslMode=Prefer", SslMode.Prefer)]
    [InlineData("Host=db;SSL Mode=VerifyFull", SslMode.VerifyFull)]
    public void TlsIsAskedOfOtherMachinesUnlessTheStringSaysOtherwise(string connection, SslMode mode) =>
        new NpgsqlConnectionStringBuilder(PostgresClaimsOptions.WithDefaults(connection)).SslMode.ShouldBe(mode);

    [Theory]
    [InlineData("Host=db;Password=abc;hunter2=x")]
    [InlineData("Host=db;hunter2")]
    [InlineData("postgres://logs:hunter2@db/logs")]
    [InlineData("Host=db;Port=hunter2")]
    [InlineData("Host=db;Timeout=hunter2")]
    [InlineData("Host=db;SSL Mode=hunter2")]
    [InlineData("Host=db;Require Auth=hunter2")]
    [InlineData("Password=hunter2")]
    public void WhatIsWrongIsToldWithoutTheString(string connection)
    {
        var options = LogPipeline.Worker.Hosting.SharingOptions.Read;
        var reader = new LogPipeline.Workflows.Configuration.EnvironmentReader(name =>
            name == "LOG_LEDGER_CONNECTION" ? connection : null);
        options(reader);
        var error = reader.Errors.ShouldHaveSingleItem();
        error.ShouldStartWith("LOG_LEDGER_CONNECTION is no connection string for PostgreSQL (");
        error.ShouldNotContain("hunter2");
    }

    /// <returns>All that the server was sent, and what the client said.</returns>
    static async Task<(string Received, string Error)> ConnectAsync(int asked, string more)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var received = new StringBuilder();
        var serving = ServeAllAsync(listener, asked, received);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var connection = PostgresClaimsOptions.WithDefaults(
            $"Host=127.0.0.1;Port={port};Username=logs;Password={Password};Database=logs;Pooling=false{more}");
        await using var source = NpgsqlDataSource.Create(connection);
        var error = await Should.ThrowAsync<Exception>(async () => await source.OpenConnectionAsync());
        listener.Stop();
        await serving;
        return (received.ToString(), error.ToString());
    }

    // The client may try again without what was refused.
    static async Task ServeAllAsync(TcpListener listener, int asked, StringBuilder received)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await ServeAsync(client.GetStream(), asked, received);
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // The test is over: the listener was stopped, and says so in its own ways.
        }
    }

    static async Task ServeAsync(NetworkStream stream, int asked, StringBuilder received)
    {
        while (true)
        {
            var head = new byte[4];
            await stream.ReadExactlyAsync(head);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head) - 4];
            await stream.ReadExactlyAsync(body);
            if (BinaryPrimitives.ReadInt32BigEndian(body) is TlsRequest or GssRequest)
            {
                await stream.WriteAsync("N"u8.ToArray());
                continue;
            }
            received.Append(Encoding.UTF8.GetString(body));
            break;
        }
        // AuthenticationCleartextPassword (3), or MD5 (5) with its salt.
        byte[] question = asked == 5
            ? [(byte)'R', 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4] : [(byte)'R', 0, 0, 0, 8, 0, 0, 0, 3];
        await stream.WriteAsync(question);
        var answer = new byte[1024];
        received.Append(Encoding.UTF8.GetString(answer, 0, await stream.ReadAsync(answer)));
    }
}
