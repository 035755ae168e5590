using Mono.Cecil;
using TorchSharp;

namespace Vpo.MiniWorld.Tests;

/// <summary>A Scalar that nobody holds can be freed while the native call still reads it: a rare exception, or the end of the process. The analyzer does not see
/// conversions that the compiler puts in, nor those inside TorchSharp; the compiled code shows both.</summary>
public sealed class ScalarLifetimeTests
{
    public static TheoryData<string> Libraries() => ["Vpo.Models", "Vpo.Training", "Vpo.Video", "Vpo.Rewards", "Vpo.MiniWorld"];

    [Theory, MemberData(nameof(Libraries))]
    public void Library_CompiledCode_LeavesNoScalarToTheCollector(string library)
    {
        using var torchSharp = AssemblyDefinition.ReadAssembly(typeof(torch).Assembly.Location);
        var careless = Methods(torchSharp).Where(method => Calls(method).Any(IsConversion)).Select(method => method.FullName).ToHashSet(StringComparer.Ordinal);
        Assert.Contains("TorchSharp.torch/Tensor TorchSharp.torch/Tensor::square()", careless);
        using var assembly = AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, library + ".dll"));
        Assert.Empty(Methods(assembly).SelectMany(method => Calls(method).Where(call => IsConversion(call) || careless.Contains(call.FullName)).Select(call => $"{method.FullName} calls {call.FullName}")));
    }

    private static IEnumerable<MethodDefinition> Methods(AssemblyDefinition assembly) => assembly.MainModule.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody);

    private static IEnumerable<MethodReference> Calls(MethodDefinition method) => method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>();

    private static bool IsConversion(MethodReference call) => call.Name == "op_Implicit" && call.DeclaringType.FullName == "TorchSharp.Scalar";
}
