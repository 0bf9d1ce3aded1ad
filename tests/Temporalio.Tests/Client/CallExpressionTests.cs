using System.Linq.Expressions;
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

        [WorkflowQuery]
        string State { get; }
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
        WorkflowDefinition.NameFromRunMethod(method).ShouldBe("Derived");
        WorkflowDefinition.NameFromRunMethod(typeof(Base).GetMethod("RunAsync")!).ShouldBe("Own");
    }

    [Fact]
    public void APropertyIsFoundByReadingIt()
    {
        Expression<Func<IOrders, string>> state = orders => orders.State;
        ExpressionUtil.ExtractMemberAccess(state)!.Name.ShouldBe("State");
        ExpressionUtil.ExtractMemberAccess(Run<string>(orders => orders.RunAsync("a", 1))).ShouldBeNull();
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
