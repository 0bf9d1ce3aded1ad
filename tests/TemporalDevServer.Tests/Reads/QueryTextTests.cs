using Grpc.Core;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Tests.Reads;

/// <summary>How the text of a query is cut into words.</summary>
public sealed class QueryTextTests
{
    readonly EngineRig _rig = new();

    [Theory]
    [InlineData("WorkflowId = 'it''s'", "it's")]
    [InlineData("WorkflowId = 'it\\'s'", "it's")]
    [InlineData("WorkflowId = \"it's\"", "it's")]
    [InlineData("`WorkflowId` = 'b'", "b")]
    [InlineData("\tWorkflowId\n=\r'b' ", "b")]
    [InlineData("WorkflowId='b'", "b")]
    [InlineData("WorkflowId!='b'", "it's")]
    [InlineData("WorkflowId<>'b'", "it's")]
    [InlineData("WorkflowId='b'AND(HistoryLength>=3)AND(HistoryLength<=3)", "b")]
    [InlineData("WorkflowId = 'b' AND HistoryLength>2 AND HistoryLength<4", "b")]
    [InlineData("WorkflowId = 'b' AND HistoryLength > -1 AND HistoryLength<+4", "b")]
    [InlineData("WorkflowId = ''", "")]
    public void AWordEndsWhereItsKindEnds(string query, string expected)
    {
        _rig.Start("it's");
        _rig.Start("b");
        // Only one that is closed has a length.
        _rig.Terminate("b");
        Listed(query).ShouldBe(expected);
    }

    [Theory]
    [InlineData("a_b.c-1 = 5e-1", "a")]
    [InlineData("a_b.c-1 = 5E-1", "a")]
    [InlineData("a_b.c-1 = 0.5", "a")]
    [InlineData("a_b.c-1 < 5e+1", "a")]
    public void ANumberWithAnExponentIsOneWordAndSoIsANameWithSigns(string query, string expected)
    {
        _rig.Call<AddSearchAttributesResponse>(
            new AddSearchAttributesRequest
            {
                Namespace = "default",
                SearchAttributes = { ["a_b.c-1"] = IndexedValueType.Double },
            });
        _rig.Start("a", request => request.SearchAttributes = new()
        {
            IndexedFields = { ["a_b.c-1"] = new() { Data = Google.Protobuf.ByteString.CopyFromUtf8("0.5") } },
        });
        Listed(query).ShouldBe(expected);
    }

    [Theory]
    [InlineData("WorkflowId = 'b")]
    [InlineData("WorkflowId = 'b''")]
    [InlineData("WorkflowId = 'b\\'")]
    [InlineData("WorkflowId = 'b\\")]
    public void AQuoteThatIsNotClosedIsRefused(string query)
    {
        var refused = Should.Throw<ServiceError>(() => Listed(query));
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
        refused.Message.ShouldContain("a quote is not closed");
    }

    [Theory]
    [InlineData("HistoryLength = 3-", "unexpected '-'")]
    [InlineData("HistoryLength > -", "-")]
    public void ASignIsOfANumberOnlyBeforeADigitOrBehindAnExponent(string query, string why)
    {
        var refused = Should.Throw<ServiceError>(() => Listed(query));
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
        refused.Message.ShouldContain(why);
    }

    string Listed(string query) => string.Join(' ', _rig.Call<ListWorkflowExecutionsResponse>(
        new ListWorkflowExecutionsRequest { Namespace = "default", Query = query })
            .Executions.Select(each => each.Execution.WorkflowId));
}
