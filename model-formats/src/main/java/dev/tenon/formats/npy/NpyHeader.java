package dev.tenon.formats.npy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The header of an array file: a Python dictionary with three entries.
 *
 * @param descr the element type as NumPy spells it
 * @param fortranOrder whether the first index changes fastest
 * @param dims the shape
 */
record NpyHeader(String descr, boolean fortranOrder, List<Long> dims) {
    static NpyHeader parse(String source, String text, Limits limits) {
        return new Parser(source, text, limits).header();
    }

    /** The shape as an array. */
    long[] dimArray() {
        return dims.stream().mapToLong(Long::longValue).toArray();
    }

    String text() {
        StringBuilder shape = new StringBuilder("(");
        for (int i = 0; i < dims.size(); i++) {
            shape.append(i == 0 ? "" : " ").append(dims.get(i)).append(i < dims.size() - 1 || i == 0 ? "," : "");
        }
        return "{'descr': '" + descr + "', 'fortran_order': " + (fortranOrder ? "True" : "False") + ", 'shape': "
                + shape + "), }";
    }

    private static final class Parser {
        private static final int SHOWN = 60;

        private final String source;
        private final String text;
        private final Limits limits;
        private int at;

        Parser(String source, String text, Limits limits) {
            this.source = source;
            this.text = text;
            this.limits = limits;
        }

        NpyHeader header() {
            String descr = null;
            Boolean fortran = null;
            List<Long> dims = null;
            expect('{');
            while (!accept('}')) {
                String key = string();
                expect(':');
                switch (key) {
                    case "descr" -> descr = descr();
                    case "fortran_order" -> fortran = bool();
                    case "shape" -> dims = shape();
                    default -> throw malformed("key '" + key + "'");
                }
                if (!accept(',')) {
                    expect('}');
                    break;
                }
            }
            skipSpace();
            if (at < text.length() || descr == null || fortran == null || dims == null) {
                throw malformed(at < text.length() ? "text after the dictionary" : "a dictionary with a key missing");
            }
            return new NpyHeader(descr, fortran, dims);
        }

        private String descr() {
            skipSpace();
            if (at < text.length() && text.charAt(at) == '[') {
                throw malformed("a structured element type");
            }
            return string();
        }

        private String string() {
            skipSpace();
            char quote = at < text.length() ? text.charAt(at) : 0;
            int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
            if (end < 0) {
                throw malformed("no string");
            }
            String value = text.substring(at + 1, end);
            at = end + 1;
            return value;
        }

        private boolean bool() {
            skipSpace();
            for (String word : Arrays.asList("True", "False")) {
                if (text.startsWith(word, at)) {
                    at += word.length();
                    return word.equals("True");
                }
            }
            throw malformed("neither True nor False");
        }

        private List<Long> shape() {
            List<Long> dims = new ArrayList<>();
            expect('(');
            while (!accept(')')) {
                dims.add(dim());
                if (dims.size() > limits.maxRank()) {
                    throw new ResourceLimitException(
                            source,
                            "more dimensions",
                            "at most " + limits.maxRank(),
                            "raise Limits.maxRank if the source is trusted");
                }
                if (!accept(',')) {
                    expect(')');
                    break;
                }
            }
            return dims;
        }

        private long dim() {
            skipSpace();
            int start = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            String digits = text.substring(start, at);
            // Python 2 wrote long integers with a suffix.
            accept('L');
            if (digits.isEmpty() || digits.length() > 18) {
                throw malformed("a dimension '" + digits + "'");
            }
            return Long.parseLong(digits);
        }

        private void skipSpace() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private boolean accept(char c) {
            skipSpace();
            if (at < text.length() && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        private void expect(char c) {
            if (!accept(c)) {
                throw malformed("no '" + c + "'");
            }
        }

        private MalformedModelException malformed(String found) {
            String shown = text.length() <= SHOWN ? text.strip() : text.substring(0, SHOWN) + "…";
            return new MalformedModelException(
                    source,
                    found + " at character " + at + " of the header: " + shown,
                    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
                    "save the array again with numpy.save, unstructured");
        }
    }
}
