package dev.tenon.differential;

import dev.tenon.differential.microsoft.MicrosoftFamilies;
import java.util.List;
import java.util.stream.Stream;

/** All families. */
final class Families {
    private Families() {}

    static List<Family> all() {
        return Stream.concat(standard().stream(), MicrosoftFamilies.all().stream())
                .toList();
    }

    private static List<Family> standard() {
        return List.of(
                new ElementwiseDifferentialTest(),
                new BinaryDifferentialTest(),
                new CastDifferentialTest(),
                new ReduceDifferentialTest(),
                new OrderDifferentialTest(),
                new LinearDifferentialTest(),
                new EinsumDifferentialTest(),
                new ShapeDifferentialTest(),
                new IndexDifferentialTest(),
                new ControlDifferentialTest(),
                new BodiesDifferentialTest(),
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
                new EncodersDifferentialTest(),
                new TextDifferentialTest(),
                new RetiredDifferentialTest(),
                new RareTypesDifferentialTest(),
                new ExtremesDifferentialTest(),
                new AttributesDifferentialTest(),
                new OlderFormsDifferentialTest());
    }
}
