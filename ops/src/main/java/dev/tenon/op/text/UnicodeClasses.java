package dev.tenon.op.text;

import dev.tenon.op.text.regex.CodePoints;
import dev.tenon.op.text.regex.GeneralCategories;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The classes of code points that regular expressions name, and the code points that differ by case alone. */
final class UnicodeClasses {
    private static final Map<String, CodePoints> POSIX = Map.ofEntries(
            Map.entry("alnum", CodePoints.ranges('0', '9', 'A', 'Z', 'a', 'z')),
            Map.entry("alpha", CodePoints.ranges('A', 'Z', 'a', 'z')),
            Map.entry("ascii", CodePoints.ranges(0, 0x7F)),
            Map.entry("blank", CodePoints.ranges('\t', '\t', ' ', ' ')),
            Map.entry("cntrl", CodePoints.ranges(0, 0x1F, 0x7F, 0x7F)),
            Map.entry("digit", CodePoints.ranges('0', '9')),
            Map.entry("graph", CodePoints.ranges('!', '~')),
            Map.entry("lower", CodePoints.ranges('a', 'z')),
            Map.entry("print", CodePoints.ranges(' ', '~')),
            Map.entry("punct", CodePoints.ranges('!', '/', ':', '@', '[', '`', '{', '~')),
            Map.entry("space", CodePoints.ranges('\t', '\r', ' ', ' ')),
            Map.entry("upper", CodePoints.ranges('A', 'Z')),
            Map.entry("word", CodePoints.ranges('0', '9', 'A', 'Z', '_', '_', 'a', 'z')),
            Map.entry("xdigit", CodePoints.ranges('0', '9', 'A', 'F', 'a', 'f')));

    private static final Map<Integer, CodePoints> PERL = Map.of(
            (int) 'd', CodePoints.ranges('0', '9'),
            (int) 's', CodePoints.ranges('\t', '\n', '\f', '\r', ' ', ' '),
            (int) 'w', CodePoints.ranges('0', '9', 'A', 'Z', '_', '_', 'a', 'z'));

    private UnicodeClasses() {}

    /** The class of a lower-case letter after a backslash; null if there is none. */
    static CodePoints perl(int letter) {
        return PERL.get(letter);
    }

    /** The class between colons; null if there is none. */
    static CodePoints posix(String name) {
        return POSIX.get(name);
    }

    /** A general category with one or two letters, a script, or Any; null if there is none with that name. */
    static CodePoints unicode(String name) {
        return Tables.BY_NAME.get(name);
    }

    /** A set, and all code points that differ from one of its code points by case alone. */
    static CodePoints folded(CodePoints set) {
        CodePoints.Collector all = new CodePoints.Collector();
        all.addAll(set);
        Orbits.OF.forEach((codePoint, orbit) -> {
            if (set.contains(codePoint)) {
                for (int other : orbit) {
                    all.add(other, other);
                }
            }
        });
        return all.toSet();
    }

    /** A code point, and all others that differ from it only in case. */
    static CodePoints folded(int codePoint) {
        int[] orbit = Orbits.OF.get(codePoint);
        if (orbit == null) {
            return CodePoints.of(codePoint);
        }
        CodePoints.Collector all = new CodePoints.Collector();
        for (int other : orbit) {
            all.add(other, other);
        }
        return all.toSet();
    }

    /** A holder that is loaded when a class is first needed. */
    private static final class Tables {
        static final Map<String, CodePoints> BY_NAME = byName();

        private static Map<String, CodePoints> byName() {
            Map<String, CodePoints.Collector> all = new HashMap<>();
            int from = 0;
            for (int c = 0; c < CodePoints.END; c++) {
                int next = c + 1;
                boolean goesOn = next < CodePoints.END
                        && Character.getType(next) == Character.getType(from)
                        && Character.UnicodeScript.of(next) == Character.UnicodeScript.of(from);
                if (goesOn) {
                    continue;
                }
                if (Character.getType(from) != Character.UNASSIGNED) {
                    String category = GeneralCategories.name(Character.getType(from));
                    collector(all, category).add(from, c);
                    collector(all, category.substring(0, 1)).add(from, c);
                }
                Character.UnicodeScript script = Character.UnicodeScript.of(from);
                if (script != Character.UnicodeScript.UNKNOWN) {
                    collector(all, scriptName(script)).add(from, c);
                }
                from = next;
            }
            Map<String, CodePoints> sets = new HashMap<>();
            all.forEach((name, ranges) -> sets.put(name, ranges.toSet()));
            sets.put("Any", CodePoints.ranges(0, CodePoints.END - 1));
            return Map.copyOf(sets);
        }

        private static CodePoints.Collector collector(Map<String, CodePoints.Collector> all, String name) {
            return all.computeIfAbsent(name, n -> new CodePoints.Collector());
        }

        /** The name as Unicode writes it: Old_Italic. */
        private static String scriptName(Character.UnicodeScript script) {
            if (script == Character.UnicodeScript.SIGNWRITING) {
                return "SignWriting";
            }
            List<String> words = new ArrayList<>();
            for (String word : script.name().split("_", -1)) {
                words.add(word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT));
            }
            return String.join("_", words);
        }
    }

    /** A holder that is loaded when folding is first needed. */
    private static final class Orbits {
        static final Map<Integer, int[]> OF = orbits();

        // Unicode folds the dotted capital and the dotless small i in Turkic languages only.
        private static final int DOTTED_CAPITAL = 0x130;
        private static final int DOTLESS_SMALL = 0x131;

        private static Map<Integer, int[]> orbits() {
            Map<Integer, int[]> members = new TreeMap<>();
            for (int c = 0; c < CodePoints.END; c++) {
                int key = Character.toLowerCase(Character.toUpperCase(c));
                if (key != c && c != DOTTED_CAPITAL && c != DOTLESS_SMALL) {
                    int[] known = members.getOrDefault(key, new int[] {key});
                    int[] more = Arrays.copyOf(known, known.length + 1);
                    more[known.length] = c;
                    members.put(key, more);
                }
            }
            Map<Integer, int[]> orbits = new HashMap<>();
            for (int[] orbit : members.values()) {
                for (int c : orbit) {
                    orbits.put(c, orbit);
                }
            }
            return orbits;
        }
    }
}
