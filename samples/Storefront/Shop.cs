using System.Diagnostics;
using Serilog;

namespace LogPipeline.Samples.Storefront;

/// <summary>
/// Customers look around, order and pay, and the shop logs it: to <c>app</c>, <c>stock</c> and <c>payments</c>. Nothing in it
/// knows of Temporal. The same chance makes the same events.
/// </summary>
sealed class Shop
{
    const int VisitorsAtATime = 12;
    const int FirstOrder = 1001;
    const int OrderThatFindsStockBroken = FirstOrder + 2;

    static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);
    static readonly string[] Customers =
        ["Ada", "Barbara", "Claude", "Dennis", "Edsger", "Frances", "Grace", "Hedy", "Jürgen", "Katherine", "Leslie", "Margaret"];
    static readonly (string Name, decimal Price)[] Products =
        [("Teapot", 24.50m), ("Umbrella", 19.90m), ("Desk lamp", 49.00m), ("Notebook", 3.20m), ("Globe", 89.00m), ("Chess set", 35.00m)];

    readonly ILogger _app;
    readonly ILogger _stock;
    readonly ILogger _payments;
    readonly Random _chance;
    readonly List<IEnumerator<Logged>> _visits = [];
    int _visitsSoFar;
    int _ordersSoFar;

    public Shop(ILogger logger, Random chance)
    {
        (_app, _chance) = (logger, chance);
        _stock = logger.ForContext("channel", "stock");
        _payments = logger.ForContext("channel", "payments");
        while (_visits.Count < VisitorsAtATime) _visits.Add(Visit());
    }

    /// <summary>Logs this many events at this rate.</summary>
    public async Task OpenAsync(int events, int rate, CancellationToken cancellationToken)
    {
        using var beat = new PeriodicTimer(Beat);
        var watch = Stopwatch.StartNew();
        for (var logged = 0; logged < events;)
        {
            await beat.WaitForNextTickAsync(cancellationToken);
            for (var due = Math.Min(events, watch.Elapsed.TotalSeconds * rate); logged < due; logged++) LogNext();
        }
    }

    /// <summary>One event: what the next of those in the shop does.</summary>
    void LogNext()
    {
        while (true)
        {
            var at = _chance.Next(_visits.Count);
            if (_visits[at].MoveNext()) return;
            _visits[at] = Visit();
        }
    }

    // What one customer does. Each yield stands behind one event.
    IEnumerator<Logged> Visit()
    {
        var customer = Customers[_chance.Next(Customers.Length)];
        var app = _app.ForContext("Visit", ++_visitsSoFar);
        var product = Products[0];
        for (var looks = _chance.Next(1, 4); looks > 0; looks--)
        {
            product = Products[_chance.Next(Products.Length)];
            app.Debug("{Customer} looks at {Product}, shown in {Elapsed} ms", customer, product.Name, _chance.Next(3, 30));
            yield return default;
        }
        if (Happens(0.3))
        {
            app.Information("{Customer} leaves without an order", customer);
            yield return default;
            yield break;
        }

        var (order, quantity) = (FirstOrder + _ordersSoFar++, _chance.Next(1, 5));
        app.Information("{Customer} orders {Quantity} of {Product}: order {OrderId}", customer, quantity, product.Name, order);
        yield return default;

        var isReserved = Reserve(order, quantity, product.Name);
        yield return default;
        if (!isReserved)
        {
            app.Warning("Order {OrderId} of {Customer} waits until stock is back", order, customer);
            yield return default;
            yield break;
        }

        var isPaid = Pay(order, customer, quantity * product.Price);
        yield return default;
        if (isPaid) app.Information("Order {OrderId} is on its way to {Customer}", order, customer);
        else app.Warning("Order {OrderId} of {Customer} is kept for a day, unpaid", order, customer);
        yield return default;
    }

    bool Reserve(int order, int quantity, string product)
    {
        try
        {
            var elapsed = StockService.Reserve(order == OrderThatFindsStockBroken, product, _chance);
            if (elapsed > 1000) _stock.Warning("Slow: {Quantity} of {Product} reserved for order {OrderId} after {Elapsed} ms", quantity,
                product, order, elapsed);
            else _stock.Information("{Quantity} of {Product} reserved for order {OrderId} in {Elapsed} ms", quantity, product,
                order, elapsed);
            return true;
        }
        catch (TimeoutException e)
        {
            _stock.Error(e, "{Quantity} of {Product} could not be reserved for order {OrderId}", quantity, product, order);
            return false;
        }
    }

    bool Pay(int order, string customer, decimal total)
    {
        if (Happens(0.07))
        {
            _payments.Warning("Card of {Customer} was declined for order {OrderId} over {Total} EUR: {Reason}", customer, order, total,
                Happens(0.5) ? "limit reached" : "expired");
            return false;
        }
        _payments.Information("Card of {Customer} was charged {Total} EUR for order {OrderId}", customer, total, order);
        return true;
    }

    bool Happens(double probability) => _chance.NextDouble() < probability;

    /// <summary>Says that an event was logged.</summary>
    readonly struct Logged;
}
