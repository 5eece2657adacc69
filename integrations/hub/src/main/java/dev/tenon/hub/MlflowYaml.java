package dev.tenon.hub;

import dev.tenon.formats.MalformedModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads {@code MLmodel}: YAML without aliases, tags and keys that come twice, and the JSON in it, which is YAML as well.
 *
 * @param file its name in messages
 */
record MlflowYaml(String file) {
    private static final LoadSettings SETTINGS = LoadSettings.builder()
            .setAllowDuplicateKeys(false)
            .setAllowRecursiveKeys(false)
            .setMaxAliasesForCollections(0)
            .setCodePointLimit(1 << 20)
            .build();

    Map<String, Object> document(String text) {
        return keyed(parsed(text), "the document");
    }

    private Object parsed(String text) {
        try {
            return new Load(SETTINGS).loadFromString(text);
        } catch (YamlEngineException e) {
            throw malformed(String.valueOf(e.getMessage()).replaceAll("\\s+", " "), "YAML without aliases and tags", e);
        } catch (StackOverflowError e) {
            throw malformed("collections too deep in each other", "YAML of a few levels", e);
        }
    }

    Map<String, Object> map(Map<String, Object> parent, String key) {
        return keyed(parent.get(key), "'" + key + "'");
    }

    private Map<String, Object> keyed(Object value, String what) {
        if (!(value instanceof Map<?, ?> map)) {
            throw malformed(what + " is " + kind(value), "names with values", null);
        }
        Map<String, Object> keyed = new LinkedHashMap<>();
        map.forEach((key, each) -> keyed.put(String.valueOf(key), each));
        return keyed;
    }

    /** A text that may be absent or null. */
    Optional<String> optional(Map<String, Object> parent, String key) {
        return switch (parent.get(key)) {
            case null -> Optional.empty();
            case String text -> Optional.of(text);
            case Object other -> throw malformed("'" + key + "' is " + kind(other), "a text", null);
        };
    }

    /** Inputs or outputs of a signature: a list of objects in JSON, in a text. */
    List<MlflowColumn> columns(Map<String, Object> signature, String key) {
        Optional<String> text = optional(signature, key);
        if (text.isEmpty()) {
            return List.of();
        }
        if (!(parsed(text.get()) instanceof List<?> list)) {
            throw malformed("'" + key + "' of the signature is no list", "a list in JSON", null);
        }
        List<MlflowColumn> columns = new ArrayList<>();
        for (Object each : list) {
            columns.add(column(keyed(each, "an entry of '" + key + "'"), key));
        }
        return columns;
    }

    private MlflowColumn column(Map<String, Object> entry, String key) {
        String name = optional(entry, "name").orElse("");
        String type = optional(entry, "type")
                .orElseThrow(() -> malformed("an entry of '" + key + "' without a type", "a type", null));
        boolean required = flag(entry, "required", !flag(entry, "optional", false));
        if (!type.equals("tensor")) {
            return new MlflowColumn(name, type, List.of(), false, required);
        }
        Map<String, Object> spec = map(entry, "tensor-spec");
        List<Long> shape = new ArrayList<>();
        if (spec.get("shape") instanceof List<?> dims) {
            for (Object dim : dims) {
                if (!(dim instanceof Integer || dim instanceof Long) || ((Number) dim).longValue() < -1) {
                    throw malformed("the length " + dim + " in '" + key + "'", "-1 and more", null);
                }
                shape.add(((Number) dim).longValue());
            }
        }
        String dtype = optional(spec, "dtype").orElseThrow(() -> malformed("a tensor without dtype", "a dtype", null));
        return new MlflowColumn(name, dtype, shape, true, required);
    }

    private boolean flag(Map<String, Object> entry, String key, boolean absent) {
        return switch (entry.get(key)) {
            case null -> absent;
            case Boolean value -> value;
            case Object other -> throw malformed("'" + key + "' is " + kind(other), "true or false", null);
        };
    }

    private static String kind(Object value) {
        return switch (value) {
            case null -> "absent";
            case Map<?, ?> map -> "names with values";
            case List<?> list -> "a list";
            case Object other -> "'" + other + "'";
        };
    }

    private MalformedModelException malformed(String found, String allowed, Throwable cause) {
        return new MalformedModelException(
                file, found, allowed, "check that it is the MLmodel that MLflow wrote", cause);
    }
}
