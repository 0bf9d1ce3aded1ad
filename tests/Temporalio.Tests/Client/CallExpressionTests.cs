using System.Linq.Expressions;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Temporalio.Tests.Client;

public sealed class CallExpressionTests
{
    [Workflow]
    public interface IOrders
    {
        [WorkflowRun]
        Task<string> RunAsync(string order, int count);

        [WorkflowSignal]
        Task PokeAsync(string how);

        [WorkflowSignal("other-name")]
        Task NamedAsync();

        [WorkflowQuery]
        string State { get; }

        [WorkflowQuery]
        int CountOf(string what);

        Task NothingAsync();
    }

    [Workflow("Own")]
    public class Base
    {
        [WorkflowRun]
        public virtual Task RunAsync() => Task.CompletedTask;
    }

    [Workflow]
    public sealed class Derived : Base
    {
        [WorkflowRun]
        public override Task RunAsync() => Task.CompletedTask;
    }

    static Task StaticAsync(int number) => Task.CompletedTask;

    [Fact]
    public void ArgumentsAreEvaluatedAndTheMethodIsNotRun()
    {
        var order = "17";
        var (method, args) = ExpressionUtil.ExtractCall(Run<string>(orders => orders.RunAsync(order + "a", Math.Max(2, 3))));
        method.Name.ShouldBe("RunAsync");
        args.ShouldBe(["17a", 3]);
    }

    [Fact]
    public void AStaticMethodNeedsNoInstance()
    {
        Expression<Func<Task>> call = () => StaticAsync(7);
        ExpressionUtil.ExtractCall(call).Args.ShouldBe([7]);
    }

    [Fact]
    public void AnOverrideIsFoundOnItsOwnType()
    {
        Expression<Func<Derived, Task>> call = workflow => workflow.RunAsync();
        var (method, _) = ExpressionUtil.ExtractCall(call);
        method.ReflectedType.ShouldBe(typeof(Derived));
        CallNames.Workflow(method).ShouldBe("Derived");
        CallNames.Workflow(typeof(Base).GetMethod("RunAsync")!).ShouldBe("Own");
    }

    [Fact]
    public void NamesFollowAttributesInterfacesAndSuffixes()
    {
        CallNames.Workflow(typeof(IOrders).GetMethod(nameof(IOrders.RunAsync))!).ShouldBe("Orders");
        CallNames.Signal(typeof(IOrders).GetMethod(nameof(IOrders.PokeAsync))!).ShouldBe("Poke");
        CallNames.Signal(typeof(IOrders).GetMethod(nameof(IOrders.NamedAsync))!).ShouldBe("other-name");
        CallNames.Query(typeof(IOrders).GetMethod(nameof(IOrders.CountOf))!).ShouldBe("CountOf");
        Expression<Func<IOrders, string>> state = orders => orders.State;
        CallNames.Query(ExpressionUtil.ExtractMemberAccess(state)!).ShouldBe("State");
    }

    [Fact]
    public void AMethodWithoutItsAttributeIsRefused()
    {
        var nothing = typeof(IOrders).GetMethod(nameof(IOrders.NothingAsync))!;
        Should.Throw<ArgumentException>(() => CallNames.Workflow(nothing)).Message.ShouldContain("missing WorkflowRun attribute");
        Should.Throw<ArgumentException>(() => CallNames.Signal(nothing)).Message.ShouldContain("missing WorkflowSignal attribute");
        Should.Throw<ArgumentException>(() => CallNames.Query(nothing)).Message.ShouldContain("missing WorkflowQuery attribute");
    }

    [Fact]
    public void ALambdaThatIsNoSingleCallIsRefused()
    {
        var other = default(IOrders)!;
        Refused<string>(_ => Task.FromResult("x"), "must not have a lambda parameter");
        Refused<string>(_ => other.RunAsync("a", 1), "used for the call");
        Refused<string>(_ => null!, "must be a single method call");

        static void Refused<T>(Expression<Func<IOrders, Task<T>>> call, string why) =>
            Should.Throw<ArgumentException>(() => ExpressionUtil.ExtractCall(call)).Message.ShouldContain(why);
    }

    static Expression<Func<IOrders, Task<T>>> Run<T>(Expression<Func<IOrders, Task<T>>> call) => call;
}
