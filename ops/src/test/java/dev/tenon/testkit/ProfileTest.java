package dev.tenon.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tenon.asm.InstructionSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProfileTest {
    @Test
    void anUnknownNameIsAnErrorThatListsTheNames() {
        assertThat(Profile.named("Zen4")).isEqualTo(Profile.ZEN4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Profile.named("zen9"))
                .withMessage("-Dtenon.test.profile=zen9: there is no such profile of a processor; allowed: x86_64,"
                        + " haswell, alder_lake, skylake_x, cascade_lake, zen4, zen5, sapphire_rapids, neoverse_n1,"
                        + " neoverse_v1");
    }

    /** A run for a profile that does not exist does not become a run for this machine. */
    @Test
    void aRunOfAnUnknownProfileFails(@TempDir Path folder) throws IOException, InterruptedException {
        ChildJvm.Result result = ChildJvm.run(
                folder,
                List.of("-D" + Profile.PROPERTY + "=zen9"),
                PackageTests.class,
                "dev.tenon.testkit",
                "none()",
                folder.resolve("failures").toString());
        assertThat(result.status()).isNotZero();
        assertThat(result.output()).contains("there is no such profile").contains("sapphire_rapids");
    }

    /** Each set of instructions comes with those that it implies, as processors have them. */
    @ParameterizedTest
    @EnumSource
    void instructionsAreThoseOfARealProcessor(Profile profile) {
        Set<InstructionSet> sets = profile.instructions();
        for (InstructionSet set : sets) {
            switch (set) {
                case AVX512, AVX_VNNI -> assertThat(sets).contains(InstructionSet.AVX2);
                case AVX512_VNNI, AVX512_BF16 -> assertThat(sets).contains(InstructionSet.AVX512);
                case AMX_INT8, AMX_BF16 ->
                    assertThat(sets).contains(InstructionSet.AVX512_VNNI, InstructionSet.AVX512_BF16);
                case AVX2 -> assertThat(profile.capabilities().vectorBits()).isPositive();
            }
        }
    }
}
