using Google.Protobuf;
using Grpc.Core;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.OperatorService.V1;
using TemporalDevServer.Engine;
using TemporalDevServer.Tests.Reads;

namespace TemporalDevServer.Tests.Limits;

/// <summary>What search attributes may hold.</summary>
public sealed class SearchAttributeLimitTests
{
    readonly EngineRig _rig = new();

    public SearchAttributeLimitTests()
    {
        var request = new AddSearchAttributesRequest
        {
            Namespace = "default",
            SearchAttributes = { ["Count"] = IndexedValueType.Int },
        };
        for (var i = 1; i < 100; i++) request.SearchAttributes.Add($"Key{i}", IndexedValueType.Keyword);
        _rig.Call<AddSearchAttributesResponse>(request);
    }

    [Fact]
    public void AValueIsOfTwoKibibytes()
    {
        Start(("Key1", 2048));
        Refused(("Key1", 2049)).ShouldBe("search attribute Key1 value size 2049 exceeds size limit 2048");
    }

    [Fact]
    public void AllTogetherAreOfFortyKibibytes()
    {
        Start([.. Enumerable.Range(1, 19).Select(i => ($"Key{i}", 2048))]);
        Refused([.. Enumerable.Range(1, 20).Select(i => ($"Key{i}", 2048))]).ShouldContain("exceeds size limit 40960");
    }

    [Fact]
    public void AHundredMayBeSet()
    {
        var all = Enumerable.Range(1, 99).Select(i => ($"Key{i}", 10)).Append(("BatcherUser", 10)).ToArray();
        Start(all);
        Refused([.. all, ("BatcherNamespace", 10)]).ShouldBe("number of search attributes 101 exceeds limit 100");
    }

    [Theory]
    [InlineData("WorkflowId", "WorkflowId attribute can't be set in SearchAttributes")]
    [InlineData("NoSuch", "Namespace default has no mapping defined for search attribute NoSuch")]
    [InlineData("Count", "invalid value for search attribute Count of type Int: ")]
    public void WhatMayNotBeSetIsNamed(string name, string why) => Refused((name, 10)).ShouldStartWith(why);

    [Fact]
    public void ANamespaceHasAHundredOfItsOwn() =>
        Should.Throw<ServiceError>(() => _rig.Call<AddSearchAttributesResponse>(
            new AddSearchAttributesRequest
            {
                Namespace = "default",
                SearchAttributes = { ["One"] = IndexedValueType.Keyword },
            }))
            .Message.ShouldContain("cannot have more than 100 search attributes");

    string Refused(params (string Name, int Bytes)[] attributes)
    {
        var error = Should.Throw<ServiceError>(() => Start(attributes));
        error.Code.ShouldBe(StatusCode.InvalidArgument);
        return error.Message;
    }

    // The quotes are bytes of the value as well.
    void Start(params (string Name, int Bytes)[] attributes) => _rig.Start($"{Guid.NewGuid()}", request =>
    {
        request.SearchAttributes = new();
        foreach (var (name, bytes) in attributes)
            request.SearchAttributes.IndexedFields.Add(
                name, new Payload { Data = ByteString.CopyFromUtf8($"\"{new string('x', bytes - 2)}\"") });
    });
}
