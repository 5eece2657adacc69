package dev.tenon.op.tabular;

import dev.tenon.op.Attributes;
import java.util.List;

/** Attributes that are lists, where none is the same as an empty one. */
final class Lists {
    private Lists() {}

    static List<Float> reals(Attributes a, String name) {
        List<Float> list = a.reals(name);
        return list == null ? List.of() : list;
    }

    static List<Long> integers(Attributes a, String name) {
        List<Long> list = a.integers(name);
        return list == null ? List.of() : list;
    }

    static List<String> strings(Attributes a, String name) {
        List<String> list = a.strings(name);
        return list == null ? List.of() : list;
    }
}
