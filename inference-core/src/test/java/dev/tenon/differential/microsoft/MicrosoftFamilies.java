package dev.tenon.differential.microsoft;

import dev.tenon.differential.Family;
import java.util.List;

/** All families of the domain. */
public final class MicrosoftFamilies {
    private MicrosoftFamilies() {}

    public static List<Family> all() {
        return List.of(
                new MicrosoftGelusDifferentialTest(),
                new MicrosoftProductsDifferentialTest(),
                new MicrosoftWindowsDifferentialTest(),
                new MicrosoftNormsDifferentialTest(),
                new MicrosoftAttentionDifferentialTest(),
                new MicrosoftGroupedAttentionDifferentialTest(),
                new MicrosoftDecoderDifferentialTest(),
                new MicrosoftQuantDifferentialTest(),
                new MicrosoftIntegersDifferentialTest(),
                new MicrosoftWeightsDifferentialTest(),
                new MicrosoftShapesDifferentialTest());
    }
}
