using System.Linq.Expressions;
using System.Reflection;

namespace Temporalio.Common;

/// <summary>
/// Takes apart lambdas that stand for a call, such as <c>wf => wf.RunAsync(input)</c>: which method, with which values.
/// The method itself is never run; its arguments are evaluated at once.
/// </summary>
static class ExpressionUtil
{
    /// <summary>The method, as the lambda's type has it, and the values of its arguments.</summary>
    /// <param name="lambda"><c>() => Static(a)</c> or <c>x => x.Method(a)</c>.</param>
    /// <param name="propertyToo">The error says that a property would do as well.</param>
    /// <exception cref="ArgumentException">The lambda is something else.</exception>
    public static (MethodInfo Method, IReadOnlyCollection<object?> Args) ExtractCall(LambdaExpression lambda, bool propertyToo = false)
    {
        if (lambda.Body is not MethodCallExpression call)
            throw new ArgumentException(propertyToo
                ? "Expression must be a single method call or property access"
                : "Expression must be a single method call");
        return (Method(lambda, call), Evaluate(call.Arguments));
    }

    /// <summary>The property or field that the lambda reads; null when it does something else.</summary>
    public static MemberInfo? ExtractMemberAccess(LambdaExpression lambda) => (lambda.Body as MemberExpression)?.Member;

    static MethodInfo Method(LambdaExpression lambda, MethodCallExpression call)
    {
        if (call.Object is null)
            return lambda.Parameters.Count == 0
                ? call.Method
                : throw new ArgumentException("Static call expression must not have a lambda parameter");
        if (lambda.Parameters.Count != 1 || call.Object != lambda.Parameters[0])
            throw new ArgumentException("Instance call expression must have a single lambda parameter used for the call");

        // The compiler names the method where it was first declared; attributes stand on the one that the type itself has.
        var type = call.Object.Type;
        if (call.Method.ReflectedType == type) return call.Method;
        return type.GetMethod(
                call.Method.Name,
                BindingFlags.Public | BindingFlags.Instance,
                [.. call.Method.GetParameters().Select(parameter => parameter.ParameterType)])
            ?? throw new ArgumentException($"{type} has no public method {call.Method.Name} with these parameters");
    }

    static object?[] Evaluate(IReadOnlyList<Expression> arguments)
    {
        var values = new object?[arguments.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = arguments[i] is ConstantExpression constant
                ? constant.Value
                // Interpreted: compiling costs more than running once.
                : Expression.Lambda<Func<object?>>(Expression.Convert(arguments[i], typeof(object))).Compile(preferInterpretation: true)();
        return values;
    }
}
