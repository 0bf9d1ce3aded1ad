using Google.Protobuf;
using Grpc.Core;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Tests.Reads;

/// <summary>What a query may cost those who wait for the server meanwhile.</summary>
public sealed class QueryBoundTests
{
    readonly EngineRig _rig = new();

    public QueryBoundTests() => _rig.Call<AddSearchAttributesResponse>(new AddSearchAttributesRequest
    {
        Namespace = "default",
        SearchAttributes =
        {
            ["Words"] = IndexedValueType.Text,
            ["Tags"] = IndexedValueType.KeywordList,
            ["Code"] = IndexedValueType.Keyword,
        },
    });

    public static TheoryData<string, string> TooMuch => new()
    {
        { Terms("WorkflowId = 'b'", " OR ", 200_000), "characters long, and 65536 are allowed" },
        { new string(' ', 65_537), "it is 65537 characters long, and 65536 are allowed" },
        { Terms("WorkflowId = 'b'", " OR ", 257), "it has more than 256 terms" },
        { Terms("WorkflowId = 'b'", " AND ", 257), "it has more than 256 terms" },
        { Terms("CloseTime IS NULL", " OR ", 257), "it has more than 256 terms" },
        { $"WorkflowId IN ({Terms("'b'", ", ", 257)})", "it has more than 256 terms" },
        { $"Words = '{Terms("b", " ", 257)}'", "it has more than 256 terms" },
        { $"{new string('(', 51)}WorkflowId = 'b'{new string(')', 51)}", "too many nested parentheses" },
        { $"{Terms("NOT", " (", 51)} (WorkflowId = 'b'{new string(')', 51)}", "too many nested parentheses" },
        { $"ORDER BY {Terms("WorkflowId", ", ", 11)}", "it orders by more than 10 search attributes" },
    };

    [Theory]
    [MemberData(nameof(TooMuch))]
    public void AQueryOverABoundIsRefused(string query, string why)
    {
        _rig.Start("a");
        IMessage[] reads =
        [
            new ListWorkflowExecutionsRequest { Namespace = "default", Query = query },
            new CountWorkflowExecutionsRequest { Namespace = "default", Query = query },
        ];
        foreach (var read in reads)
        {
            var refused = Should.Throw<ServiceError>(() => _rig.Call<IMessage>(read));
            refused.Code.ShouldBe(StatusCode.InvalidArgument);
            refused.Message.ShouldStartWith("invalid query: ");
            refused.Message.ShouldEndWith(why);
        }
    }

    public static TheoryData<string> AsMuchAsMayBe => new()
    {
        $"{Terms("WorkflowId = 'b'", " OR ", 255)} OR WorkflowId = 'a'",
        Terms("WorkflowId = 'a'", " AND ", 256),
        $"WorkflowId IN ({Terms("'b'", ", ", 255)}, 'a')",
        $"{new string('(', 49)}WorkflowId = 'a'{new string(')', 49)}",
        $"{string.Concat(Enumerable.Repeat("NOT ", 10_000))}WorkflowId = 'a'",
        $"ORDER BY {Terms("WorkflowId", ", ", 10)}",
    };

    [Theory]
    [MemberData(nameof(AsMuchAsMayBe))]
    public void OneAtTheBoundIsAnswered(string query)
    {
        _rig.Start("a");
        _rig.Call<ListWorkflowExecutionsResponse>(
            new ListWorkflowExecutionsRequest { Namespace = "default", Query = query })
            .Executions.ShouldHaveSingleItem().Execution.WorkflowId.ShouldBe("a");
    }

    /// <summary>Half of SQL's truths are of what is not there: a chain keeps them.</summary>
    [Theory]
    [InlineData("CloseTime > 1 OR WorkflowId = 'b'", 0)]
    [InlineData("NOT (CloseTime > 1 OR WorkflowId = 'b')", 0)]
    [InlineData("NOT (CloseTime > 1 AND WorkflowId = 'b')", 1)]
    [InlineData("NOT (CloseTime > 1 AND WorkflowId = 'a')", 0)]
    [InlineData("WorkflowId = 'b' OR CloseTime > 1 OR WorkflowId = 'a'", 1)]
    public void AChainOfWhatIsNotThereIsNeitherTrueNorFalse(string query, int count)
    {
        _rig.Start("a");
        _rig.Call<CountWorkflowExecutionsResponse>(
            new CountWorkflowExecutionsRequest { Namespace = "default", Query = query }).Count.ShouldBe(count);
    }

    [Theory]
    [InlineData("Words", "two three")]
    [InlineData("Words", "NONE Two")]
    [InlineData("Tags", "y")]
    [InlineData("Code", "c")]
    public void ManyComparisonsOfOneValueFindIt(string name, string value)
    {
        _rig.Start("a", request => request.SearchAttributes = new()
        {
            IndexedFields =
            {
                ["Words"] = Json("\"one two\""), ["Tags"] = Json("[\"x\",\"y\"]"), ["Code"] = Json("\"c\""),
            },
        });
        _rig.Start("b");
        _rig.Call<CountWorkflowExecutionsResponse>(new CountWorkflowExecutionsRequest
        {
            Namespace = "default", Query = $"{Terms($"{name} = 'other'", " OR ", 100)} OR {name} = '{value}'",
        }).Count.ShouldBe(1);
    }

    /// <summary>One page of memos is one message.</summary>
    [Fact]
    public void APageOfLargeMemosFitsIntoAMessage()
    {
        for (var i = 0; i < 6; i++)
            _rig.Start($"{i}", request => request.Memo = new()
            {
                Fields = { ["m"] = new() { Data = ByteString.CopyFrom(new byte[1_200_000]) } },
            });
        var found = new List<string>();
        var request = new ListWorkflowExecutionsRequest { Namespace = "default" };
        do
        {
            var page = _rig.Call<ListWorkflowExecutionsResponse>(request);
            page.CalculateSize().ShouldBeLessThan(4 * 1024 * 1024);
            found.AddRange(page.Executions.Select(each => each.Execution.WorkflowId));
            request.NextPageToken = page.NextPageToken;
        }
        while (!request.NextPageToken.IsEmpty && found.Count < 10);
        found.ShouldBe(["5", "4", "3", "2", "1", "0"]);
    }

    static string Terms(string term, string between, int count) => string.Join(between, Enumerable.Repeat(term, count));

    static Temporalio.Api.Common.V1.Payload Json(string json) => new() { Data = ByteString.CopyFromUtf8(json) };
}
