// The whole loop twice on the mini world: with its own judge and reward, and with yours.
//
//   dotnet run -c Release --project samples/SwapParts              (about a minute: small sizes)
//   dotnet run -c Release --project samples/SwapParts -- full      (the quickstart's sizes)

using Vpo;
using Vpo.MiniWorld;
using Vpo.Reporting;
using Vpo.Samples.SwapParts;

var sizes = args is ["full"] ? new QuickstartOptions() : QuickstartOptions.Smoke;
var folder = Path.Combine(Path.GetTempPath(), "vpo-swap-parts", args is ["full"] ? "full" : "small");
var stock = await RunAsync("stock", parts => parts);
var own = await RunAsync("own", parts => parts with
{
    Judge = new BriefJudge(parts.Judge, mostWords: 26),
    Reward = new BrightReward(parts.Reward, weight: 1),
});
Show("with the mini world's judge and reward", stock);
Show("with our own", own);

async Task<LoopResult> RunAsync(string name, Func<VpoParts, VpoParts> swap)
{
    var place = Path.Combine(folder, name);
    using var world = MiniWorldParts.Create(sizes, Path.Combine(place, "base-model"));
    return await new VpoLoop(swap(world.Parts), Quickstart.LoopOptionsFor(sizes)).RunAsync(world.Queries, Path.Combine(place, "run"));
}

static void Show(string title, LoopResult result)
{
    Console.WriteLine($"\n{title}\n  {string.Join("  ", ResultTables.Headers.Select(h => h.PadRight(12)))}");
    foreach (var row in result.Rows)
        Console.WriteLine("  " + string.Join("  ", ResultTables.Cells(row).Select(cell => cell.PadRight(12))));
}
