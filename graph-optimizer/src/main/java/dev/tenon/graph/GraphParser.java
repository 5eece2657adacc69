package dev.tenon.graph;

import dev.tenon.error.TenonException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Float8;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Parses what {@link GraphText} prints, by recursive descent. */
final class GraphParser {
    private static final int MAX_NESTING = 128;

    private final String text;
    private final OpSet operators;
    private final Function<String, Tensor> references;
    private int at;
    private int nesting;

    GraphParser(String text, OpSet operators, Function<String, Tensor> references) {
        this.text = text;
        this.operators = operators;
        this.references = references;
    }

    Graph parse() {
        Graph graph = graph();
        space();
        if (at < text.length()) {
            throw error("the end of the text");
        }
        return graph;
    }

    private Graph graph() {
        enter("graphs");
        expect("graph");
        space();
        GraphBuilder builder = new GraphBuilder(peek() == '(' ? "" : name());
        Map<String, Value> values = new HashMap<>();
        expect("(");
        while (!accept(")")) {
            expect("%");
            String input = name();
            expect(":");
            values.put(input, builder.input(input, type()));
            accept(",");
        }
        expect("{");
        while (!accept("return")) {
            statement(builder, values);
        }
        while (!accept("}")) {
            String known = null;
            if (!accept("%")) {
                known = name();
                expect("=");
                expect("%");
            }
            String value = name();
            builder.output(known == null ? value : known, find(values, value));
            accept(",");
        }
        nesting--;
        return builder.build();
    }

    private void enter(String what) {
        if (++nesting > MAX_NESTING) {
            throw new InvalidGraphException(
                    place(), what + " nested deeper than " + MAX_NESTING, "at most " + MAX_NESTING, null);
        }
    }

    private void statement(GraphBuilder builder, Map<String, Value> values) {
        List<String> outputs = new ArrayList<>();
        while (!accept("=")) {
            if (!outputs.isEmpty()) {
                expect(",");
            }
            if (accept("_")) {
                outputs.add(null);
                continue;
            }
            expect("%");
            outputs.add(name());
            if (accept(":")) {
                type();
            }
        }
        if (outputs.size() == 1 && acceptWord("const")) {
            values.put(outputs.getFirst(), builder.constant(outputs.getFirst(), tensor()));
            return;
        }
        Op op = operator();
        List<Value> operands = new ArrayList<>();
        expect("(");
        while (!accept(")")) {
            if (accept("_")) {
                operands.add(null);
            } else {
                expect("%");
                operands.add(find(values, name()));
            }
            accept(",");
        }
        space();
        String nodeName = peek() == '"' ? string() : "";
        List<Value> results = builder.add(op, nodeName, operands, outputs);
        for (int i = 0; i < outputs.size(); i++) {
            if (outputs.get(i) != null) {
                values.put(outputs.get(i), results.get(i));
            }
        }
    }

    private Op operator() {
        space();
        int start = at;
        String qualified = name();
        Optional<OpDefinition<?>> found = Optional.empty();
        for (int dot = qualified.lastIndexOf('.');
                found.isEmpty() && dot > 0;
                dot = qualified.lastIndexOf('.', dot - 1)) {
            found = operators.find(qualified.substring(0, dot), qualified.substring(dot + 1));
        }
        // Last, since a name without a domain is looked for in every family of operators.
        found = found.or(() -> operators.find("", qualified));
        if (found.isEmpty()) {
            at = start;
            throw error("a known operator");
        }
        Map<String, Object> attributes = new HashMap<>();
        if (accept("<")) {
            while (!accept(">")) {
                String attribute = name();
                expect("=");
                attributes.put(attribute, attribute());
                accept(",");
            }
        }
        return found.get().create(Attributes.none().withAll(attributes));
    }

    private Object attribute() {
        space();
        char c = peek();
        if (c == '"') {
            return string();
        }
        if (c == '[') {
            at++;
            enter("lists");
            List<Object> list = new ArrayList<>();
            while (!accept("]")) {
                list.add(attribute());
                accept(",");
            }
            nesting--;
            return list;
        }
        if (acceptWord("type")) {
            space();
            return ValueType.parse(string());
        }
        if (text.startsWith("graph", at)) {
            return graph();
        }
        if (c == '-' || Character.isDigit(c) || text.startsWith("NaN", at) || text.startsWith("Infinity", at)) {
            String number = token();
            try {
                return number.endsWith("f")
                        ? (Object) Float.parseFloat(number.substring(0, number.length() - 1))
                        : (Object) Long.parseLong(number);
            } catch (NumberFormatException e) {
                throw error("a number instead of " + number);
            }
        }
        return tensor();
    }

    private Tensor tensor() {
        ValueType type = type();
        if (!(type instanceof TensorType t) || !t.shape().isKnown()) {
            throw error("a tensor type with known dimensions");
        }
        if (accept("@")) {
            String reference = name();
            Tensor found = references.apply(reference);
            if (found == null || !found.type().equals(t)) {
                throw new InvalidGraphException(
                        "constant '" + reference + "'",
                        found == null ? "not given" : found.type().toString(),
                        t.toString(),
                        "pass the constants that the text refers to");
            }
            return found;
        }
        expect("{");
        // Each element takes a character or more. Memory is taken when they can be there.
        if (t.shape().knownElements() > text.length() - at) {
            throw error(t.shape().knownElements() + " elements");
        }
        Tensor tensor = Tensor.allocate(t.dtype(), t.shape().toArray());
        for (long i = 0; i < tensor.size(); i++) {
            element(tensor, i);
            accept(",");
        }
        expect("}");
        return tensor;
    }

    private void element(Tensor t, long i) {
        space();
        if (t.dtype() == DType.STRING) {
            t.setUtf8(i, bytes());
            return;
        }
        try {
            if (t.dtype().isComplex()) {
                expect("(");
                space();
                double re = Double.parseDouble(token());
                space();
                double im = Double.parseDouble(token());
                expect(")");
                t.setComplex(i, re, im);
                return;
            }
            number(t, i, token());
        } catch (NumberFormatException e) {
            throw error("an element of " + t.dtype().text());
        }
    }

    private static void number(Tensor t, long i, String number) {
        if (t.dtype() == DType.BOOL) {
            if (!number.equals("true") && !number.equals("false")) {
                throw new NumberFormatException();
            }
            t.setBoolean(i, number.equals("true"));
        } else if (t.dtype() == DType.UINT64) {
            t.setLong(i, Long.parseUnsignedLong(number));
        } else if (t.dtype().isInteger()) {
            long value = Long.parseLong(number);
            if (value < t.dtype().minInteger() || value > t.dtype().maxInteger()) {
                throw new NumberFormatException();
            }
            t.setLong(i, value);
        } else if (t.dtype() == DType.FLOAT32) {
            t.setDouble(i, Float.parseFloat(number));
        } else if (t.dtype() == DType.FLOAT8E5M2) {
            // Unlike a conversion, parsing must not saturate: this type has infinities.
            t.setBits(i, Float8.fromDouble(t.dtype(), Double.parseDouble(number), false));
        } else {
            t.setDouble(i, Double.parseDouble(number));
        }
    }

    private ValueType type() {
        space();
        int start = at;
        int depth = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                bytes();
                continue;
            }
            if (depth == 0 && (c == ',' || c == ')' || c == '=' || c == '{' || c == '@' || Character.isWhitespace(c))) {
                break;
            }
            depth += c == '[' || c == '(' ? 1 : c == ']' || c == ')' ? -1 : 0;
            at++;
        }
        try {
            return ValueType.parse(text.substring(start, at));
        } catch (TenonException e) {
            throw new InvalidGraphException(place(), e.getMessage(), "a type", null);
        }
    }

    private Value find(Map<String, Value> values, String name) {
        Value v = values.get(name);
        if (v == null) {
            throw new InvalidGraphException(
                    place(), "value '" + name + "' is used before it is defined", "values defined above", null);
        }
        return v;
    }

    private String name() {
        space();
        if (peek() == '"') {
            return string();
        }
        int start = at;
        while (at < text.length() && isNameCharacter(text.charAt(at))) {
            at++;
        }
        if (start == at) {
            throw error("a name");
        }
        if (text.charAt(at - 1) == ':') {
            at--;
        }
        return text.substring(start, at);
    }

    private static boolean isNameCharacter(char c) {
        return c < 0x7F && (Character.isLetterOrDigit(c) || "_./:-".indexOf(c) >= 0);
    }

    private String token() {
        int start = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        return text.substring(start, at);
    }

    private String string() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    private byte[] bytes() {
        expect("\"");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (peek() != '"') {
            int c = text.codePointAt(at);
            at += Character.charCount(c);
            if (c != '\\') {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            } else if (peek() == 'x') {
                int high = at + 2 < text.length() ? Character.digit(text.charAt(at + 1), 16) : -1;
                int low = at + 2 < text.length() ? Character.digit(text.charAt(at + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw error("two hexadecimal digits");
                }
                bytes.write(high << 4 | low);
                at += 3;
            } else {
                bytes.write(peek());
                at++;
            }
        }
        at++;
        return bytes.toByteArray();
    }

    private char peek() {
        if (at >= text.length()) {
            throw error("more text");
        }
        return text.charAt(at);
    }

    private void space() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private boolean accept(String symbol) {
        space();
        if (text.startsWith(symbol, at)) {
            at += symbol.length();
            return true;
        }
        if (at >= text.length()) {
            throw error("'" + symbol + "'");
        }
        return false;
    }

    private boolean acceptWord(String word) {
        space();
        int end = at + word.length();
        if (text.startsWith(word, at) && end < text.length() && Character.isWhitespace(text.charAt(end))) {
            at = end;
            return true;
        }
        return false;
    }

    private void expect(String symbol) {
        if (!accept(symbol)) {
            throw error("'" + symbol + "'");
        }
    }

    private String place() {
        long before = text.chars().limit(at).filter(c -> c == '\n').count();
        return "graph text, line " + (before + 1);
    }

    private InvalidGraphException error(String allowed) {
        String found = at >= text.length()
                ? "the end of the text"
                : "'" + text.substring(at, Math.min(text.length(), at + 20)) + "'";
        return new InvalidGraphException(place(), found, allowed, null);
    }
}
