package dev.tenon.text.file;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.text.post.PostProcessing;
import dev.tenon.text.post.Template;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads post-processors. */
final class PostProcessorReader {
    /** The most parts of a template, ids of a special token and special tokens in all. */
    private static final int MAX_PARTS = 4096;

    private PostProcessorReader() {}

    static PostProcessing read(JsonValue json) {
        return switch (json.type()) {
            case "Sequence" -> sequence(json.get("processors").items());
            case "TemplateProcessing" -> {
                JsonValue specials = json.get("special_tokens");
                yield new PostProcessing(
                        template(json.get("single"), specials, false),
                        template(json.get("pair"), specials, true),
                        List.of());
            }
            case "BertProcessing" -> PostProcessing.bert(named(json.get("cls")), named(json.get("sep")));
            case "RobertaProcessing" ->
                PostProcessing.roberta(named(json.get("cls")), named(json.get("sep")), trim(json));
            case "ByteLevel" -> PostProcessing.plain(trim(json).stream().toList());
            default ->
                throw json.get("type")
                        .unsupported("Sequence, TemplateProcessing, BertProcessing, RobertaProcessing or ByteLevel");
        };
    }

    private static PostProcessing sequence(List<JsonValue> parts) {
        List<PostProcessing.Trim> trims = new ArrayList<>();
        PostProcessing tokens = null;
        for (JsonValue part : parts) {
            PostProcessing read = read(part);
            trims.addAll(read.trims());
            if (part.type().equals("ByteLevel")) {
                continue;
            }
            if (tokens != null) {
                throw part.get("type").unsupported("one processor that adds special tokens");
            }
            tokens = read;
        }
        PostProcessing plain = PostProcessing.plain(trims);
        return tokens == null ? plain : new PostProcessing(tokens.single(), tokens.pair(), trims);
    }

    private static Optional<PostProcessing.Trim> trim(JsonValue json) {
        return json.get("trim_offsets").flag()
                ? Optional.of(
                        new PostProcessing.Trim(json.get("add_prefix_space").flag()))
                : Optional.empty();
    }

    // A token and its id.
    private static int named(JsonValue json) {
        if (json.list().size() != 2) {
            throw json.wrong("a token and its id");
        }
        return json.item(1).id();
    }

    private static Template template(JsonValue json, JsonValue specials, boolean pair) {
        List<Template.Part> parts = new ArrayList<>();
        Map<String, List<Integer>> known = new HashMap<>();
        checkCount(json);
        for (JsonValue item : json.items()) {
            if (item.find("SpecialToken").isPresent()) {
                JsonValue token = item.get("SpecialToken");
                JsonValue name = token.get("id");
                List<Integer> ids = known.computeIfAbsent(name.text(), any -> specialIds(specials, name));
                parts.add(new Template.Special(ids, token.get("type_id").id()));
            } else if (item.find("Sequence").isPresent()) {
                JsonValue text = item.get("Sequence");
                String id =
                        pair ? text.get("id").oneOf("A", "B") : text.get("id").oneOf("A");
                parts.add(new Template.Text(id.equals("B"), text.get("type_id").id()));
            } else {
                throw item.wrong("an object with SpecialToken or Sequence");
            }
        }
        Template template = new Template(parts);
        if (template.specials() > MAX_PARTS) {
            throw new ResourceLimitException(
                    json.thing(),
                    template.specials() + " special tokens",
                    "at most " + MAX_PARTS,
                    "use a template with fewer of them");
        }
        return template;
    }

    private static void checkCount(JsonValue json) {
        if (json.list().size() > MAX_PARTS) {
            throw json.wrong("an array of at most " + MAX_PARTS);
        }
    }

    private static List<Integer> specialIds(JsonValue specials, JsonValue name) {
        if (specials.find(name.text()).isEmpty()) {
            throw name.wrong("a token of " + specials.path());
        }
        JsonValue ids = specials.get(name.text()).get("ids");
        checkCount(ids);
        return List.copyOf(ids.items().stream().map(JsonValue::id).toList());
    }
}
