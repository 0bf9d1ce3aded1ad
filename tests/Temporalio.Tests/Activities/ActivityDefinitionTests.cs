using Temporalio.Activities;
using Temporalio.Converters;

namespace Temporalio.Tests.Activities;

public class ActivityDefinitionTests
{
    sealed class Some
    {
        [Activity] public static string Greet(string name, string mark = "!") => $"Hello, {name}{mark}";

        [Activity] public Task<int> CountAsync(int to) => Task.FromResult(to + Offset);

        [Activity] public async Task WaitAsync() => await Task.Yield();

        [Activity("custom-name")] public void Named() { }

        [Activity(Dynamic = true)] public static int Any(IRawValue[] values) => values.Length;

        [Activity] public static string NotATaskAsync() => "";

        public int Offset { get; init; }
    }

    sealed class None
    {
        public void Method() { }
    }

    [Fact]
    public void NamesComeFromMethods()
    {
        var definitions = ActivityDefinition.CreateAll(new Some());
        definitions.Select(d => d.Name).Order().ShouldBe([null, "Count", "Greet", "NotATaskAsync", "Wait", "custom-name"], ignoreOrder: true);
        definitions.Single(d => d.Dynamic).Name.ShouldBeNull();
    }

    [Fact]
    public async Task MissingArgumentsTakeTheirDefaults()
    {
        var greet = ActivityDefinition.Create(Some.Greet);
        (greet.RequiredParameterCount, greet.ParameterTypes.Count).ShouldBe((1, 2));
        (await greet.InvokeAsync(["Ann"])).ShouldBe("Hello, Ann!");
        (await greet.InvokeAsync(["Ann", "?"])).ShouldBe("Hello, Ann?");
    }

    [Fact]
    public async Task TasksAreAwaitedAndVoidIsAnEmptyTuple()
    {
        var some = new Some { Offset = 10 };
        (await ActivityDefinition.Create(some.CountAsync).InvokeAsync([5])).ShouldBe(15);
        (await ActivityDefinition.Create(some.WaitAsync).InvokeAsync([])).ShouldBe(ValueTuple.Create());
        (await ActivityDefinition.Create(some.Named).InvokeAsync([])).ShouldBeNull();
    }

    [Fact]
    public async Task ExceptionsComeOutAsTheyWereThrown()
    {
        var failing = ActivityDefinition.Create([Activity("fail")] () => { throw new FormatException("bad"); });
        (await Should.ThrowAsync<FormatException>(() => failing.InvokeAsync([]))).StackTrace!.ShouldContain(nameof(ExceptionsComeOutAsTheyWereThrown));
    }

    [Fact]
    public void LocalFunctionsHaveNamesAndLambdasNeedOne()
    {
        [Activity]
        static Task LocalAsync() => Task.CompletedTask;
        ActivityDefinition.Create(LocalAsync).Name.ShouldBe("Local");
        ActivityDefinition.Create([Activity("given")] () => { }).Name.ShouldBe("given");
        Should.Throw<ArgumentException>(() => ActivityDefinition.Create([Activity] () => { })).Message.ShouldContain("lambda");
    }

    [Fact]
    public void WhatCannotBeAnActivityIsRefused()
    {
        Should.Throw<ArgumentException>(() => ActivityDefinition.Create(new None().Method)).Message.ShouldContain("missing Activity attribute");
        Should.Throw<ArgumentException>(() => ActivityDefinition.CreateAll(new None())).Message.ShouldContain("No activities found");
        Should.Throw<InvalidOperationException>(() => ActivityDefinition.CreateAll<Some>(null)).Message.ShouldContain("Instance not provided");
        Should.Throw<ArgumentException>(() => ActivityDefinition.Create([Activity("__temporal_x")] () => { })).Message.ShouldContain("__temporal");
        Should.Throw<ArgumentException>(() => ActivityDefinition.Create([Activity(Dynamic = true)] (string x) => { })).Message.ShouldContain("IRawValue");
        Should.Throw<ArgumentException>(() => ActivityDefinition.Create([Activity("x", Dynamic = true)] (IRawValue[] x) => { })).Message.ShouldContain("custom name");
        Should.Throw<ArgumentException>(() => ActivityDefinition.Create("x", typeof(void), [], 1, _ => null)).Message.ShouldContain("more required parameters");
        Should.Throw<ArgumentException>(() => ActivityDefinition.Create([Activity("x")] (ref int x) => { })).Message.ShouldContain("ref/out");
        Should.Throw<ArgumentException>(() => ActivityDefinition.NameFromMethodForCall(typeof(Some).GetMethod(nameof(Some.Any))!)).Message.ShouldContain("dynamic");
    }
}
