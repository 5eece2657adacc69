package dev.tenon.formats.json;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.SegmentInputStream;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/** A cursor over a JSON document. Numbers may also be {@code NaN}, {@code Infinity} and {@code -Infinity}. */
public final class JsonReader extends DataReader {
    private static final int MAX_NUMBER_CHARS = 1000;
    private static final int SHOWN_PATH = 200;

    private final JsonParser parser;

    private JsonReader(String file, Limits limits, JsonParser parser) {
        super(file, limits);
        this.parser = parser;
    }

    /**
     * Reads a document that is one value.
     *
     * @param <T> the type of the result
     * @param bytes the file
     * @param limits the limits to keep: {@link Limits#maxNesting} levels, {@link Limits#maxStringBytes} characters of a
     *     text, {@link Limits#maxModelBytes} in all
     * @param body reads the value at which the cursor stands
     * @return the result
     * @throws MalformedModelException if it is not JSON, or more follows the value
     * @throws ResourceLimitException if it exceeds a limit
     */
    public static <T> T read(ModelBytes bytes, Limits limits, Function<DataReader, T> body) {
        return bytes.read(segment -> {
            try (JsonParser parser = factory(limits)
                    .createParser(ObjectReadContext.empty(), new SegmentInputStream(bytes.name(), segment))) {
                JsonReader reader = new JsonReader(bytes.name(), limits, parser);
                if (parser.nextToken() == null) {
                    throw reader.malformed("nothing", "a JSON value");
                }
                T result = body.apply(reader);
                if (parser.nextToken() != null) {
                    throw reader.malformed("more after the end of the value", "one JSON value");
                }
                return result;
            } catch (StreamConstraintsException e) {
                throw new ResourceLimitException(
                        bytes.name() + place(e.getLocation()),
                        e.getOriginalMessage(),
                        null,
                        "raise the limit of Limits if the source is trusted",
                        e);
            } catch (JacksonException e) {
                throw new MalformedModelException(
                        bytes.name() + place(e.getLocation()),
                        "no JSON: " + e.getOriginalMessage(),
                        "a JSON value",
                        "check that the file is complete",
                        e);
            }
        });
    }

    private static JsonFactory factory(Limits limits) {
        int text = (int) Math.min(limits.maxStringBytes(), Integer.MAX_VALUE - 8);
        return JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(limits.maxNesting())
                        .maxDocumentLength(limits.maxModelBytes())
                        .maxStringLength(text)
                        .maxNameLength(text)
                        .maxNumberLength(MAX_NUMBER_CHARS)
                        .build())
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
                .build();
    }

    private static String place(TokenStreamLocation at) {
        return at == null ? "" : " at byte " + at.getByteOffset();
    }

    @Override
    protected String place() {
        String path = parser.streamReadContext().pathAsPointer().toString();
        return "at byte " + parser.currentTokenLocation().getByteOffset() + ", "
                + (path.length() <= SHOWN_PATH ? path : path.substring(0, SHOWN_PATH) + "...");
    }

    @Override
    public Kind kind() {
        return switch (parser.currentToken()) {
            case START_OBJECT -> Kind.OBJECT;
            case START_ARRAY -> Kind.ARRAY;
            case VALUE_STRING -> Kind.TEXT;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Kind.NUMBER;
            case VALUE_TRUE, VALUE_FALSE -> Kind.TRUTH;
            case VALUE_NULL -> Kind.NULL;
            case null, default -> throw malformed("no value", "a value");
        };
    }

    @Override
    public void beginObject() {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw unexpected("an object");
        }
    }

    @Override
    public String nextName() {
        if (parser.nextToken() != JsonToken.PROPERTY_NAME) {
            return null;
        }
        String name = parser.currentName();
        parser.nextToken();
        return name;
    }

    @Override
    public void beginArray() {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw unexpected("an array");
        }
    }

    @Override
    public boolean nextElement() {
        return parser.nextToken() != JsonToken.END_ARRAY;
    }

    @Override
    protected String readText() {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw unexpected("a text");
        }
        return parser.getString();
    }

    private void checkNumber() {
        if (kind() != Kind.NUMBER) {
            throw unexpected("a number");
        }
    }

    @Override
    public float float32() {
        checkNumber();
        return parser.getFloatValue();
    }

    @Override
    public double float64() {
        checkNumber();
        return parser.getDoubleValue();
    }

    @Override
    public long integer() {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw unexpected("a whole number");
        }
        return parser.getLongValue();
    }

    @Override
    public boolean truth() {
        if (kind() != Kind.TRUTH) {
            throw unexpected("true or false");
        }
        return parser.getBooleanValue();
    }

    @Override
    public void skip() {
        parser.skipChildren();
    }
}
