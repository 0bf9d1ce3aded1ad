using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Codecs;

public sealed class KeyRingTests
{
    static KeyRing Read(params (string Name, string Value)[] variables)
    {
        var environment = new EnvironmentReader(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
        var keys = CodecVariables.ReadKeys(environment, path => path == "keys"
            ? $"# since spring\nnew:{SomeKeys.New}\n\nold:{SomeKeys.Old}\n" : throw new FileNotFoundException("It is not there."));
        environment.ThrowIfWrong();
        return keys;
    }

    static IReadOnlyList<string> Errors(params (string, string)[] variables) =>
        Should.Throw<ConfigurationException>(() => Read(variables)).Errors;

    [Fact]
    public void WithoutVariablesThereAreNoKeys() => Read().ShouldBeSameAs(KeyRing.Empty);

    [Fact]
    public void TheFirstKeyEncryptsUnlessAnotherIsNamed()
    {
        var text = $"new:{SomeKeys.New}, old:{SomeKeys.Old}";
        Read(("LOG_ENCRYPTION_KEYS", text)).EncryptingId.ShouldBe("new");
        Read(("LOG_ENCRYPTION_KEYS", text), ("LOG_ENCRYPTION_KEY_ID", "old")).EncryptingId.ShouldBe("old");
    }

    [Fact]
    public void AFileMayHoldThem()
    {
        var keys = Read(("LOG_ENCRYPTION_KEYS_FILE", "keys"));
        keys.Ids.ShouldBe(["new", "old"]);
        keys.EncryptingId.ShouldBe("new");
    }

    [Fact]
    public void ItPrintsIdsAndNoKey() => Read(("LOG_ENCRYPTION_KEYS_FILE", "keys")).ToString().ShouldBe("new (encrypts), old");

    [Fact]
    public void EverySentenceSaysWhichKeyIsWrongAndNoneHoldsAKey()
    {
        var errors = Errors(("LOG_ENCRYPTION_KEYS",
            $"{SomeKeys.Old},short:{Convert.ToBase64String(new byte[16])},odd:not base64!,a:{SomeKeys.Old},a:{SomeKeys.New}"));
        errors.ShouldBe(
        [
            "LOG_ENCRYPTION_KEYS: Entry 1 has no id in front of a colon; write id:key, the id of letters, digits, '.', '_' or '-'.",
            "LOG_ENCRYPTION_KEYS: The key 'short' has 16 bytes where AES-256 takes 32; one is made by 'openssl rand -base64 32'.",
            "LOG_ENCRYPTION_KEYS: The key 'odd' is not base64; one is made by 'openssl rand -base64 32'.",
            "LOG_ENCRYPTION_KEYS: The id 'a' is there twice; give each key an id of its own.",
        ]);
    }

    [Fact]
    public void AKeyWrittenInFrontOfItsIdIsNotRepeated() =>
        Errors(("LOG_ENCRYPTION_KEYS", $"{SomeKeys.Old}:a")).ShouldHaveSingleItem().ShouldNotContain(SomeKeys.Old[..8]);

    [Theory]
    [InlineData("LOG_ENCRYPTION_KEYS", " , ", "There is no key")]
    [InlineData("LOG_ENCRYPTION_KEYS_FILE", "gone", "It is not there")]
    [InlineData("LOG_ENCRYPTION_KEY_ID", "a", "set LOG_ENCRYPTION_KEYS")]
    public void WhatIsMissingIsSaid(string variable, string value, string said) =>
        Errors((variable, value)).ShouldHaveSingleItem().ShouldContain(said);

    [Fact]
    public void TheKeyThatIsToEncryptMustBeThere() =>
        Errors(("LOG_ENCRYPTION_KEYS", $"a:{SomeKeys.Old}"), ("LOG_ENCRYPTION_KEY_ID", "b")).ShouldHaveSingleItem()
            .ShouldContain("No key has the id 'b'");

    [Fact]
    public void TwoPlacesForKeysAreRefused() =>
        Errors(("LOG_ENCRYPTION_KEYS", $"a:{SomeKeys.Old}"), ("LOG_ENCRYPTION_KEYS_FILE", "keys")).ShouldHaveSingleItem()
            .ShouldContain("both set");
}
