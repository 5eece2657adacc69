package dev.tenon.differential;

import java.util.List;

/** All families. */
final class Families {
    private Families() {}

    static List<Family> all() {
        return List.of(new ElementwiseDifferentialTest(), new EncodersDifferentialTest(), new TextDifferentialTest());
    }
}
