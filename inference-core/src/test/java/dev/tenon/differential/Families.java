package dev.tenon.differential;

import java.util.List;

/** All families. */
final class Families {
    private Families() {}

    static List<Family> all() {
        return List.of(
                new ElementwiseDifferentialTest(),
                new BinaryDifferentialTest(),
                new CastDifferentialTest(),
                new ReduceDifferentialTest(),
                new LinearDifferentialTest(),
                new ShapeDifferentialTest(),
                new IndexDifferentialTest(),
                new ControlDifferentialTest(),
                new NetworksDifferentialTest(),
                new SignalDifferentialTest(),
                new WindowsDifferentialTest(),
                new NormDifferentialTest(),
                new RegionsDifferentialTest(),
                new ResizeDifferentialTest(),
                new NewestDifferentialTest(),
                new QuantDifferentialTest(),
                new RecurrentDifferentialTest(),
                new LossDifferentialTest(),
                new AttentionDifferentialTest(),
                new MicrosoftDifferentialTest(),
                new EncodersDifferentialTest(),
                new TextDifferentialTest());
    }
}
