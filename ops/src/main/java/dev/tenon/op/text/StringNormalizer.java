package dev.tenon.op.text;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IllformedLocaleException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Removes stop words and changes the case of the other strings. These keep their order. Without any, the result is one
 * empty string.
 *
 * @param caseChange LOWER, UPPER or NONE
 * @param caseSensitive whether stop words must match in case
 * @param locale a language and perhaps a region, such as {@code en_US}, by whose rules case is changed; null for none
 * @param stopwords the strings that are removed
 */
public record StringNormalizer(String caseChange, boolean caseSensitive, String locale, List<String> stopwords)
        implements Op {
    /** Parameters: the strings, [C] or [1,C]. Result: the remaining strings, of the same rank. */
    public static final OpSchema SCHEMA =
            OpSchema.of("StringNormalizer").input("X", "T").output("Y", "T").where("T", Types.set(DType.STRING));

    private static final String NONE = "NONE";
    private static final String LOWER = "LOWER";
    private static final String UPPER = "UPPER";

    /** Checks the attributes. */
    public StringNormalizer {
        stopwords = List.copyOf(stopwords);
        if (!Set.of(NONE, LOWER, UPPER).contains(caseChange)) {
            throw error("case_change_action '" + caseChange + "'", "LOWER, UPPER, NONE");
        }
        localeOf(locale);
    }

    private static InvalidOperandException error(String found, String allowed) {
        return new InvalidOperandException("StringNormalizer", found, allowed, null);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public static StringNormalizer of(Attributes a) {
        return new StringNormalizer(
                a.string("case_change_action", NONE),
                a.flag("is_case_sensitive", false),
                a.string("locale", null),
                a.strings("stopwords", List.of()));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        Attributes a = Attributes.none()
                .unless("case_change_action", caseChange, NONE)
                .unless("is_case_sensitive", caseSensitive, false)
                .with("locale", locale);
        return stopwords.isEmpty() ? a : a.with("stopwords", stopwords);
    }

    /** A locale by its POSIX name, whose encoding is ignored, or by a language tag. */
    private static Locale localeOf(String name) {
        if (name == null || name.isEmpty()) {
            return Locale.ROOT;
        }
        int encoding = name.indexOf('.');
        String tag = (encoding < 0 ? name : name.substring(0, encoding)).replace('_', '-');
        if (tag.equals("C") || tag.equals("POSIX")) {
            return Locale.ROOT;
        }
        try {
            return new Locale.Builder().setLanguageTag(tag).build();
        } catch (IllformedLocaleException e) {
            throw error("locale '" + name + "'", "a language and perhaps a region, such as en_US");
        }
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape x = OperandShape.of(c, 0).rank(1, 2);
        if (!x.hasRank()) {
            return List.of(new TensorType(DType.STRING, Shape.unknownRank()));
        }
        boolean kept = stopwords.isEmpty()
                && x.dim(x.rank() - 1).isKnown()
                && x.dim(x.rank() - 1).value() > 0;
        Dim left = kept ? x.dim(x.rank() - 1) : c.freshDim();
        if (x.rank() == 1) {
            return List.of(new TensorType(DType.STRING, Shape.of(List.of(left))));
        }
        x.is(Dim.of(1), null);
        return List.of(new TensorType(DType.STRING, Shape.of(List.of(Dim.of(1), left))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        if (x.rank() != 1 && (x.rank() != 2 || x.dim(0) != 1)) {
            throw in.error("input 0 has shape " + x.shape(), "[C] or [1,C]", null);
        }
        Locale rules = localeOf(locale);
        UnaryOperator<String> compared =
                caseSensitive ? UnaryOperator.identity() : s -> TextCase.lower(TextCase.upper(s, rules), rules);
        Set<String> removed = stopwords.stream().map(compared).collect(Collectors.toUnmodifiableSet());
        List<byte[]> left = new ArrayList<>();
        for (long e = 0; e < x.size(); e++) {
            String s = x.getString(e);
            if (removed.isEmpty() || !removed.contains(compared.apply(s))) {
                left.add(caseChange.equals(NONE) ? x.getUtf8(e) : utf8(s, rules));
            }
        }
        if (left.isEmpty()) {
            left.add(new byte[0]);
        }
        byte[][] strings = left.toArray(byte[][]::new);
        return List.of(
                x.rank() == 1 ? Tensor.ofUtf8(strings, strings.length) : Tensor.ofUtf8(strings, 1, strings.length));
    }

    private byte[] utf8(String s, Locale rules) {
        String changed = caseChange.equals(LOWER) ? TextCase.lower(s, rules) : TextCase.upper(s, rules);
        return changed.getBytes(StandardCharsets.UTF_8);
    }
}
