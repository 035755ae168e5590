using CsCheck;
using Vpo.Models.Native;

namespace Vpo.Models.Tests.Native;

public sealed class WeakVersionPatchTests
{
    [Fact]
    public void Apply_NotAnElfLibrary_SaysSo() =>
        Assert.Contains("ELF", Assert.Throws<BadImageFormatException>(() => WeakVersionPatch.Apply(new byte[100], "GLIBCXX_3.4.32")).Message, StringComparison.Ordinal);

    [Fact]
    public void Apply_NativeBridge_ChangesOneFlagOnly()
    {
        if (LibtorchLoader.Folder is not { } folder)
        {
            Assert.Skip("libtorch was found by the system, not beside the tests");
            return;
        }
        var before = File.ReadAllBytes(Path.Combine(folder, "libLibTorchSharp.so"));
        var after = WeakVersionPatch.Apply([.. before], "GLIBCXX_3.4.32");
        Assert.Equal(1, before.Zip(after).Count(pair => pair.First != pair.Second));
        Assert.Throws<BadImageFormatException>(() => WeakVersionPatch.Apply([.. before], "GLIBCXX_9.9.99"));
    }

    [Fact]
    public void EnsureLoaded_InThisProcess_HasAnOutcome()
    {
        LibtorchLoader.EnsureLoaded();
        Assert.StartsWith(OperatingSystem.IsLinux() ? "loaded" : "left", LibtorchLoader.Outcome, StringComparison.Ordinal);
    }
}
