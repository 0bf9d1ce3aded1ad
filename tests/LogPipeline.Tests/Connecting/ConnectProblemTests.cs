using LogPipeline.Workflows.Connecting;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Tests.Connecting;

/// <summary>What the package says of a failed connect, as it said it, where no server of a test's own brings it about.</summary>
public sealed class ConnectProblemTests
{
    const string Transport = "Connection failed: Server connection error: tonic::transport::Error(Transport, ";
    const string Status = "Connection failed: `get_system_info` call error after connection: Status { ";

    static readonly TemporalClientConnectOptions Given = new("some.host:7233");

    [Theory]
    [InlineData(Status
        + """code: Unknown, message: "transport error", source: Some(tonic::transport::Error(Transport, hyper::Error(Io, Custom { kind: InvalidData, error: "received fatal alert: CertificateRequired" }))) }""",
        ConnectFault.Tls,
        "Temporal at some.host:7233 ends the TLS greeting (CertificateRequired); check the client certificate (TEMPORAL_TLS_CLIENT_*) "
        + "and TEMPORAL_TLS_SERVER_NAME.")]
    [InlineData(Transport + "ConnectError(Custom { kind: InvalidData, error: AlertReceived(HandshakeFailure) }))",
        ConnectFault.Tls,
        "Temporal at some.host:7233 ends the TLS greeting (HandshakeFailure); check the client certificate (TEMPORAL_TLS_CLIENT_*) and "
        + "TEMPORAL_TLS_SERVER_NAME.")]
    [InlineData(Transport + "ConnectError(Custom { kind: InvalidData, error: InvalidCertificate(Other(OtherError(CaUsedAsEndEntity))) }))",
        ConnectFault.Tls,
        "The certificate of Temporal at some.host:7233 is an authority's own, which the client does not take for a server's; give the "
        + "server one that the authority has signed.")]
    [InlineData(Transport + "PrivateKeyParseError)",
        ConnectFault.Configuration,
        "The client certificate or its key cannot be read; give both in PEM, in TEMPORAL_TLS_CLIENT_CERT_PATH and "
        + "TEMPORAL_TLS_CLIENT_KEY_PATH.")]
    [InlineData("Connection failed: Invalid headers: Invalid ASCII header key 'a b': invalid gRPC metadata key name",
        ConnectFault.Configuration,
        "A header cannot be sent (Invalid ASCII header key 'a b': invalid gRPC metadata key name); check the TEMPORAL_GRPC_META_* "
        + "variables.")]
    [InlineData(Status
        + """code: Unknown, message: "h2 protocol error: http2 error", source: Some(tonic::transport::Error(Transport, hyper::Error(Http2, Error { kind: GoAway(b"", FRAME_SIZE_ERROR, Library) }))) }""",
        ConnectFault.Unreachable,
        "Temporal at some.host:7233 closed the connection without an answer; if it expects TLS, set TEMPORAL_TLS=true, else check that "
        + "TEMPORAL_ADDRESS names a Temporal frontend.")]
    [InlineData(Status
        + """code: Unavailable, message: "http2 error", source: Some(tonic::transport::Error(Transport, hyper::Error(Http2, KeepAliveTimedOut))) }""",
        ConnectFault.Unreachable,
        "Temporal at some.host:7233 does not answer; check TEMPORAL_ADDRESS, the network and whether it expects TLS (TEMPORAL_TLS).")]
    [InlineData(Status + """code: PermissionDenied, message: "no \"write\" here.", source: None }""",
        ConnectFault.Denied,
        """Temporal at some.host:7233 denies access (no "write" here); check TEMPORAL_API_KEY, the client certificate (TEMPORAL_TLS_CLIENT_*) and the rights on namespace 'default'.""")]
    [InlineData(Status + """code: ResourceExhausted, message: "namespace rate limit exceeded", source: None }""",
        ConnectFault.SlowDown,
        "Temporal at some.host:7233 asks for less (namespace rate limit exceeded); raise the limits of namespace 'default', or send less.")]
    [InlineData("Invalid options: invalid international domain name",
        ConnectFault.Configuration, "Temporal's address was 'some.host:7233'; use HOST:PORT, such as localhost:7233.")]
    public void AFailedConnectIsOneSentence(string text, object fault, string sentence)
    {
        var problem = ConnectProblem.Of(new InvalidOperationException(text), Given);
        problem.ShouldNotBeNull().Fault.ShouldBe((ConnectFault)fault);
        problem.Sentence.ShouldBe(sentence);
    }

    [Fact]
    public void AnExceptionThatIsNotAboutTheConnectionIsNone() => ConnectProblem.Of(new InvalidOperationException("A codec failed."),
        Given).ShouldBeNull();

    [Fact]
    public void WhatAServerSaysIsCutAndPutOnOneLine()
    {
        var sentence = ConnectProblem.Of(new RpcException(RpcException.StatusCode.Unavailable, "one\ntwo " + new string('x', 10_000),
            null), Given)!.Sentence;
        sentence.ShouldStartWith("Temporal at some.host:7233 cannot be reached (one two xxx");
        sentence.Length.ShouldBeLessThan(400);
    }
}
