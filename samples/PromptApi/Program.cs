// A web API that optimizes prompts.
//
//   dotnet run -c Release --project samples/PromptApi -- --Vpo:Model SmolLM2-135M-Instruct.Q4_1.gguf --urls http://127.0.0.1:5080
//   curl -s http://127.0.0.1:5080/prompts -H 'content-type: application/json' -d '{"query":"a cute dog on the grass"}'

using Microsoft.Extensions.DependencyInjection;
using Vpo;

var builder = WebApplication.CreateBuilder(args);
var vpo = builder.Configuration.GetSection("Vpo");
var model = vpo["Model"] ?? throw new InvalidOperationException("Set Vpo:Model to a GGUF file or a Hugging Face folder (appsettings.json, --Vpo:Model, or Vpo__Model).");
builder.Services.AddVpo(vpo).UseLlama(model);

var app = builder.Build();
app.MapPost("/prompts", async (PromptRequest request, IPromptOptimizer optimizer, CancellationToken cancellationToken) =>
{
    if (string.IsNullOrWhiteSpace(request.Query))
        return Results.BadRequest(new { error = "query must not be empty" });
    var options = new PromptOptions { Count = request.Count ?? 1, Seed = request.Seed, MaxNewTokens = request.MaxNewTokens };
    var result = await optimizer.OptimizeAsync(request.Query, options, cancellationToken);
    return Results.Ok(new PromptReply(result.Text, result.Alternatives, result.FallbackReason, result.ModelId));
});
app.Run();

internal sealed record PromptRequest(string Query, int? Count, long? Seed, int? MaxNewTokens);

internal sealed record PromptReply(string Prompt, IReadOnlyList<string> Alternatives, string? FallbackReason, string? Model);
