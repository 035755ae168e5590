using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Vpo.Cli.Tests;

/// <summary>The web sample, started as a user would start it.</summary>
public sealed class PromptApiTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-api-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Post_AQuery_GivesAPrompt()
    {
        using var server = Start("--Vpo:Model", TinyModel.Write(_folder), "--urls", "http://127.0.0.1:0");
        try
        {
            using var client = new HttpClient { BaseAddress = await AddressOf(server) };
            using var reply = await client.PostAsJsonAsync("/prompts", new { query = "a red circle", count = 3, seed = 5, maxNewTokens = 8 });
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            var body = await reply.Content.ReadFromJsonAsync<JsonElement>();
            Assert.NotEqual("", body.GetProperty("prompt").GetString());
            using var empty = await client.PostAsJsonAsync("/prompts", new { query = " " });
            Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Start_WithoutAModel_SaysWhatToSet()
    {
        using var server = Start("--urls", "http://127.0.0.1:0");
        var error = await server.StandardError.ReadToEndAsync();
        await server.WaitForExitAsync();
        Assert.NotEqual(0, server.ExitCode);
        Assert.Contains("Set Vpo:Model", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithOptionsOutOfRange_DoesNotStart()
    {
        using var server = Start("--Vpo:Model", TinyModel.Write(_folder), "--Vpo:Temperature", "7", "--urls", "http://127.0.0.1:0");
        var error = await server.StandardError.ReadToEndAsync() + await server.StandardOutput.ReadToEndAsync();
        await server.WaitForExitAsync();
        Assert.NotEqual(0, server.ExitCode);
        Assert.Contains("Temperature", error, StringComparison.Ordinal);
    }

    private static Process Start(params string[] arguments)
    {
        var program = Path.Combine(Repository.Root, "samples", "PromptApi", "bin", BuildKind.Configuration, "net10.0", "PromptApi.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(program)! })!;
    }

    private static async Task<Uri> AddressOf(Process server)
    {
        const string Marker = "Now listening on: ";
        while (await server.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains(Marker, StringComparison.Ordinal))
                return new(line[(line.IndexOf(Marker, StringComparison.Ordinal) + Marker.Length)..].Trim());
        }
        throw new InvalidOperationException("the server ended: " + await server.StandardError.ReadToEndAsync());
    }
}
