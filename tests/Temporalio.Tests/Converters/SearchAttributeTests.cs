using Google.Protobuf;
using Temporalio.Common;

namespace Temporalio.Tests.Converters;

public class SearchAttributeTests
{
    static readonly SearchAttributeKey<string> Channel = SearchAttributeKey.CreateKeyword("Channel");
    static readonly SearchAttributeKey<long> Records = SearchAttributeKey.CreateLong("Records");
    static readonly SearchAttributeKey<DateTimeOffset> From = SearchAttributeKey.CreateDateTimeOffset("From");
    static readonly SearchAttributeKey<IReadOnlyCollection<string>> Levels = SearchAttributeKey.CreateKeywordList("Levels");

    [Fact]
    public void AttributesComeBackFromTheWire()
    {
        var time = new DateTimeOffset(2026, 11, 20, 10, 0, 0, TimeSpan.FromHours(1));
        var sent = new SearchAttributeCollection.Builder()
            .Set(Channel, "app").Set(Records, 12L).Set(From, time).Set(Levels, ["info", "error"])
            .ToSearchAttributeCollection().ToProto();
        sent.IndexedFields["Levels"].Metadata["type"].ToStringUtf8().ShouldBe("KeywordList");

        var back = SearchAttributeCollection.FromProto(sent);
        back.Get(Channel).ShouldBe("app");
        back.Get(Records).ShouldBe(12L);
        back.Get(From).ShouldBe(time);
        back.Get(Levels).ShouldBe(["info", "error"]);
        back.Select(k => k.Name).ShouldBe(["Channel", "From", "Levels", "Records"]);
        Should.Throw<KeyNotFoundException>(() => back.Get(SearchAttributeKey.CreateText("Channel")));
    }

    [Fact]
    public void TypesInTheOldSpellingAreRead()
    {
        var proto = new SearchAttributeCollection.Builder().Set(Records, 12L).ToSearchAttributeCollection().ToProto();
        proto.IndexedFields["Records"].Metadata["type"] = ByteString.CopyFromUtf8("INDEXED_VALUE_TYPE_INT");
        SearchAttributeCollection.FromProto(proto).Get(Records).ShouldBe(12L);
    }

    [Fact]
    public void UpdatesOfOneNameTwiceAreRefusedWhole()
    {
        var attributes = new SearchAttributeCollection.Builder().Set(Records, 1L).ToSearchAttributeCollection();
        Should.Throw<ArgumentException>(() => attributes.ApplyUpdates([Channel.ValueSet("x"), Records.ValueSet(2), Records.ValueUnset()]));
        attributes.Get(Records).ShouldBe(1L);
        attributes.ContainsKey("Channel").ShouldBeFalse();
        attributes.ApplyUpdates([Channel.ValueSet("x"), Records.ValueUnset()]);
        attributes.UntypedValues.Keys.ShouldBe([Channel]);
    }
}
