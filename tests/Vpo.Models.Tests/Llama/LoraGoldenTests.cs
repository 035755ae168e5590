namespace Vpo.Models.Tests.Llama;

[Trait("Category", "Golden")]
[Trait("Family", "lora")]
public sealed class LoraGoldenTests
{
    public static TheoryData<string> Cases() => Golden.Cases("lora");

    [Theory, MemberData(nameof(Cases))]
    public void Adapter_GoldenCase_IsNotYetRead(string name)
    {
        using var golden = GoldenCase.Open("lora", name);
        GoldenCase.NotYet("LoRA");
    }
}
