import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * Starts AWS's DynamoDB Local on the loopback address only (a plain start listens on every address), on the port
 * given by -Dlisten=PORT (by default one that is free), and offers, on a control port:
 *   POST /rollover      closes every open stream shard and opens its child
 *   POST /dilate?ms=N   lets N milliseconds pass for stream records (trimming, expiry)
 * Writes "listening PORT CONTROL_PORT" to standard output when both answer. Ends when its standard input does: whoever
 * started it and is gone, however that came, leaves no server behind.
 * java -Djava.library.path=./DynamoDBLocal_lib
 *      -cp "CLASS_DIR:DynamoDBLocal.jar:DynamoDBLocal_lib/*" LoopbackDynamoDBLocal -inMemory
 */
public class LoopbackDynamoDBLocal {
  static Object field(Object owner, String name) throws Exception {
    for (Class<?> c = owner.getClass(); c != null; c = c.getSuperclass())
      try {
        Field f = c.getDeclaredField(name);
        f.setAccessible(true);
        return f.get(owner);
      } catch (NoSuchFieldException absent) { /* look in the parent */ }
    throw new NoSuchFieldException(name);
  }

  static Object call(Object owner, String name, Class<?>[] types, Object... args) throws Exception {
    Method m = null;
    for (Class<?> c = owner.getClass(); c != null && m == null; c = c.getSuperclass())
      try {
        m = c.getDeclaredMethod(name, types);
      } catch (NoSuchMethodException absent) { /* look in the parent */ }
    if (m == null) m = owner.getClass().getMethod(name, types);
    m.setAccessible(true);
    return m.invoke(owner, args);
  }

  public static void main(String[] args) throws Exception {
    Class<?> runner;
    try {
      runner = Class.forName("software.amazon.dynamodb.services.local.main.ServerRunner");
    } catch (ClassNotFoundException older) {
      runner = Class.forName("com.amazonaws.services.dynamodbv2.local.main.ServerRunner");
    }
    Object proxy = runner.getMethod("createServerFromCommandLineArgs", String[].class).invoke(null, (Object) args);
    Object jetty = field(proxy, "server");
    Object connector = ((Object[]) call(jetty, "getConnectors", new Class<?>[0]))[0];
    call(connector, "setHost", new Class<?>[] {String.class}, "127.0.0.1");
    call(connector, "setPort", new Class<?>[] {int.class}, Integer.getInteger("listen", 0));
    Map<?, ?> databases =
        (Map<?, ?>) field(field(field(proxy, "serverHandler"), "primaryHandler"), "dbRequestHandlers");
    HttpServer http = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    http.createContext("/", exchange -> {
      String answer;
      int status = 200;
      try {
        String path = exchange.getRequestURI().getPath();
        for (Object database : databases.values()) {
          if (path.equals("/rollover")) call(database, "triggerShardRollovers", new Class<?>[0]);
          else if (path.equals("/dilate"))
            call(database, "dilateEventTimes", new Class<?>[] {long.class},
                Long.parseLong(exchange.getRequestURI().getQuery().substring("ms=".length())));
        }
        answer = path + " " + databases.keySet() + "\n";
      } catch (Throwable problem) {
        status = 500;
        answer = problem + "\n";
      }
      byte[] body = answer.getBytes();
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    Thread watch = new Thread(() -> {
      try {
        while (System.in.read() >= 0) { /* nothing is said here */ }
      } catch (IOException gone) { /* that is an end, too */ }
      Runtime.getRuntime().halt(0);
    });
    watch.setDaemon(true);
    watch.start();
    http.start();
    call(proxy, "safeStart", new Class<?>[0]);
    System.out.println(
        "listening " + call(connector, "getLocalPort", new Class<?>[0]) + " " + http.getAddress().getPort());
    // From here on nobody reads the pipe that this was written to.
    System.setOut(System.err);
    call(proxy, "join", new Class<?>[0]);
  }
}
