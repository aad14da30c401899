import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.ko.KoreanAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.queryparser.classic.MultiFieldQueryParser;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.MMapDirectory;

/**
 * The other side of the lexical benchmark: Lucene with its Korean analyzer, defaults, BM25, title boost 2.
 *
 * Arguments: corpus (one "title TAB text" a line), queries (one a line), a folder for the index, which is built unless
 * it is there. Then each line of standard input is one round over all queries: "time" answers their nanoseconds,
 * waited:computed, "ids" the ids of their ten best (the number of the line, from 1), one line, queries apart by a tab.
 */
public final class LuceneNori {
    private static final String[] FIELDS = {"title", "body"};
    private static final Pattern OPERATORS = Pattern.compile("\\b(AND|OR|NOT)\\b");
    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();
    private static final Analyzer ANALYZER = new KoreanAnalyzer();

    public static void main(String[] arguments) throws Exception {
        List<String> queries = Files.readAllLines(Path.of(arguments[1]), StandardCharsets.UTF_8);
        try (MMapDirectory directory = new MMapDirectory(Path.of(arguments[2]))) {
            long started = System.nanoTime();
            if (!DirectoryReader.indexExists(directory)) {
                index(directory, Files.readAllLines(Path.of(arguments[0]), StandardCharsets.UTF_8));
            }
            System.out.println("ready " + (System.nanoTime() - started));
            try (DirectoryReader reader = DirectoryReader.open(directory)) {
                answer(reader, queries);
            }
        }
    }

    private static void index(MMapDirectory directory, List<String> corpus) throws Exception {
        try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(ANALYZER))) {
            long number = 1;
            for (String line : corpus) {
                String[] parts = line.split("\t", 2);
                Document document = new Document();
                document.add(new NumericDocValuesField("id", number++));
                document.add(new TextField("title", parts[0], Field.Store.NO));
                document.add(new TextField("body", parts.length > 1 ? parts[1] : "", Field.Store.NO));
                writer.addDocument(document);
            }
            writer.forceMerge(1);
        }
    }

    private static void answer(DirectoryReader reader, List<String> queries) throws Exception {
        IndexSearcher searcher = new IndexSearcher(reader);
        LeafReader leaf = reader.leaves().get(0).reader();
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            StringBuilder out = new StringBuilder();
            for (String query : queries) {
                long computed = CLOCK.getCurrentThreadCpuTime();
                long started = System.nanoTime();
                long[] ids = search(searcher, leaf, query);
                long spent = System.nanoTime() - started;
                out.append(out.length() > 0 ? "\t" : "");
                if (order.equals("time")) {
                    out.append(spent).append(':').append(CLOCK.getCurrentThreadCpuTime() - computed);
                } else {
                    out.append(java.util.Arrays.toString(ids).replaceAll("[\\[\\] ]", ""));
                }
            }
            System.out.println(out);
        }
    }

    private static long[] search(IndexSearcher searcher, LeafReader leaf, String text) throws Exception {
        MultiFieldQueryParser parser = new MultiFieldQueryParser(FIELDS, ANALYZER, Map.of("title", 2f, "body", 1f));
        ScoreDoc[] hits = searcher.search(parser.parse(literal(text)), 10).scoreDocs;
        long[] ids = new long[hits.length];
        for (int rank = 0; rank < hits.length; rank++) {
            NumericDocValues values = leaf.getNumericDocValues("id");
            values.advanceExact(hits[rank].doc);
            ids[rank] = values.longValue();
        }
        return ids;
    }

    /** The text without the query parser's syntax: no operators, whatever is typed. */
    private static String literal(String text) {
        return QueryParser.escape(OPERATORS.matcher(text).replaceAll(match -> match.group().toLowerCase(Locale.ROOT)));
    }
}
