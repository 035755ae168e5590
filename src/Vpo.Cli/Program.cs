Console.WriteLine("vpo");
