package dev.tenon.compression.recipe;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.Step;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.json.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * The recipes by name. A file may put steps together, each with its options:
 *
 * <pre>{@code
 * {"steps": [{"step": "prune-2:4"}, {"step": "int8-static", "options": {"calibrator": "mse", "exclude": ["Gemm"]}}]}
 * }</pre>
 *
 * <p>A recipe that is named alone has the defaults of all options. A file is untrusted input, so it has {@link RecipeLimits}.
 * Immutable.
 */
public final class Recipes {
    private static final int MAX_NESTING = 64;

    private final Map<String, Entry> entries;
    private final RecipeLimits limits;

    /**
     * A line of the table. One of both is null.
     *
     * @param steps makes the steps from their options
     * @param search a search
     */
    private record Entry(Function<StepOptions, List<Step>> steps, Recipe search) {}

    private Recipes(Map<String, Entry> entries, RecipeLimits limits) {
        this.entries = entries;
        this.limits = limits;
    }

    /** {@return the recipes of the library} */
    public static Recipes standard() {
        return StandardRecipes.ALL;
    }

    /** {@return no recipes, for a table of the caller} */
    public static Recipes none() {
        return new Recipes(Map.of(), RecipeLimits.standard());
    }

    private Recipes with(String name, Entry entry) {
        Map<String, Entry> all = new LinkedHashMap<>(entries);
        all.put(name, entry);
        return new Recipes(all, limits);
    }

    /**
     * These recipes with other limits of what {@link #read} and {@link #parse} take.
     *
     * @param allowed the limits
     * @return the changed copy
     */
    public Recipes limits(RecipeLimits allowed) {
        return new Recipes(entries, Objects.requireNonNull(allowed, "allowed"));
    }

    /** {@return the limits of recipes that are read} */
    public RecipeLimits limits() {
        return limits;
    }

    /**
     * These recipes and a step.
     *
     * @param name the name of the recipe and of the step
     * @param maker makes the step from its options
     * @return the changed copy
     */
    public Recipes step(String name, Function<StepOptions, Step> maker) {
        return with(name, new Entry(options -> List.of(maker.apply(options)), null));
    }

    /**
     * These recipes and several steps under one name.
     *
     * @param name the name of the recipe
     * @param maker makes the steps from their options
     * @return the changed copy
     */
    public Recipes steps(String name, Function<StepOptions, List<Step>> maker) {
        return with(name, new Entry(maker, null));
    }

    /**
     * These recipes and a search, which can't be a part of another recipe.
     *
     * @param name the name of the recipe
     * @param runner runs the search
     * @return the changed copy
     */
    public Recipes search(String name, Recipe.Runner runner) {
        return with(name, new Entry(null, Recipe.search(name, runner)));
    }

    /**
     * These recipes and a compression that looks at the metric and the floor, which can't be a part of another recipe.
     *
     * @param name the name of the recipe
     * @param needsSamples whether it needs samples for calibration
     * @param runner runs the compression
     * @return the changed copy
     */
    public Recipes runner(String name, boolean needsSamples, Recipe.Runner runner) {
        return with(name, new Entry(null, Recipe.of(name, needsSamples, runner)));
    }

    /** {@return the names of all recipes} */
    public List<String> names() {
        return List.copyOf(entries.keySet());
    }

    /**
     * A recipe.
     *
     * @param name its name
     * @return the recipe, with the defaults of all options
     * @throws CompressionException if there is none of this name
     */
    public Recipe find(String name) {
        Entry entry = entry("recipe", name, names());
        return entry.search() != null
                ? entry.search()
                : Recipe.of(name, steps(name, entry, Map.of(), new ArrayList<>()));
    }

    /** The names of the recipes that are steps. */
    List<String> ofSteps() {
        return entries.entrySet().stream()
                .filter(e -> e.getValue().search() == null)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** A recipe of steps as one step with the defaults of its options, which changes only layers that a filter accepts. */
    Step step(String name, LayerFilter layers) {
        return Chain.of(entry("step", name, ofSteps()).steps().apply(new StepOptions(name, Map.of(), layers)));
    }

    private Entry entry(String thing, String name, List<String> allowed) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new CompressionException(
                    thing, "'" + name + "'", allowed.isEmpty() ? "none" : String.join(", ", allowed), null);
        }
        return entry;
    }

    private static List<Step> steps(String thing, Entry entry, Map<String, Object> values, List<LayerFilter> filters) {
        StepOptions options = new StepOptions(thing, values);
        List<Step> steps = entry.steps().apply(options);
        options.check();
        filters.addAll(options.filters());
        return steps;
    }

    /**
     * Reads a recipe from a file.
     *
     * @param file a JSON file in UTF-8
     * @return the recipe, with the name of the file
     * @throws CompressionException if the file can't be read, is no JSON or no recipe, or has an unknown step or option
     * @throws ResourceLimitException if it exceeds one of {@link #limits()}
     */
    public Recipe read(Path file) {
        return ModelBytes.guarded(file.toString(), () -> readText(file));
    }

    private Recipe readText(Path file) {
        String name = String.valueOf(file.getFileName()).replaceFirst("\\.json$", "");
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(limits.maxBytes());
            if (bytes.length == limits.maxBytes() && in.read() >= 0) {
                throw tooLarge(file.toString(), "more than " + limits.maxBytes() + " bytes");
            }
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return parse(name, file.toString(), text.toString());
        } catch (CharacterCodingException e) {
            throw new CompressionException(file.toString(), "bytes that are not UTF-8", "UTF-8", null, e);
        } catch (IOException e) {
            throw new CompressionException(file.toString(), e.toString(), "a file that can be read", null, e);
        }
    }

    /**
     * Reads a recipe from a text.
     *
     * @param name the name of the recipe
     * @param document the name of the document in messages
     * @param text the text
     * @return the recipe
     * @throws CompressionException if the text is no JSON or no recipe, or has an unknown step or option
     * @throws ResourceLimitException if it exceeds one of {@link #limits()}
     */
    public Recipe parse(String name, String document, String text) {
        if (text.length() > limits.maxBytes()) {
            throw tooLarge(document, text.length() + " code units");
        }
        Map<String, Object> root = object(document, json(document, text), List.of("steps"));
        if (!(root.get("steps") instanceof List<?> items) || items.isEmpty()) {
            throw new CompressionException(document, "no list 'steps'", "{\"steps\": [{\"step\": NAME}]}", null);
        }
        if (items.size() > limits.maxSteps()) {
            throw new ResourceLimitException(
                    document,
                    items.size() + " steps",
                    limits.maxSteps() + " steps",
                    "raise RecipeLimits.maxSteps, or apply several recipes");
        }
        List<String> allowed = ofSteps();
        List<Step> steps = new ArrayList<>();
        List<LayerFilter> filters = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            String thing = document + ", steps[" + i + "]";
            Map<String, Object> item = object(thing, items.get(i), List.of("step", "options"));
            if (!(item.get("step") instanceof String step)) {
                throw new CompressionException(
                        thing, StepOptions.shown(item.get("step")) + " as 'step'", "a name", null);
            }
            Object options = item.getOrDefault("options", Map.of());
            Entry entry = entry(thing, step, allowed);
            if (entry.search() != null) {
                throw new CompressionException(thing, "search '" + step + "'", String.join(", ", allowed), null);
            }
            Map<String, Object> values = object(thing + ", options", options, null);
            steps.addAll(steps(thing + " '" + step + "'", entry, values, filters));
        }
        return Recipe.of(name, text, steps, filters);
    }

    static Object json(String document, String text) {
        return JsonText.parse(
                text, MAX_NESTING, (found, allowed) -> new CompressionException(document, found, allowed, null));
    }

    private ResourceLimitException tooLarge(String document, String found) {
        return new ResourceLimitException(document, found, limits.maxBytes() + " bytes", "raise RecipeLimits.maxBytes");
    }

    /** A value as an object with members of some names; any names if they are null. */
    private static Map<String, Object> object(String thing, Object value, List<String> names) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new CompressionException(thing, StepOptions.shown(value), "an object", null);
        }
        Map<String, Object> members = new LinkedHashMap<>();
        map.forEach((name, member) -> members.put((String) name, member));
        for (String name : members.keySet()) {
            if (names != null && !names.contains(name)) {
                throw new CompressionException(thing, "member '" + name + "'", String.join(", ", names), null);
            }
        }
        return members;
    }
}
